/** Sections of a page that reports, comparisons and histories have in common: tables of the text formats, and facts. */

import type { Environment } from '../../core/result.js';
import type { Table as DrawnTable } from '../drawing/table.js';
import { warningsOn } from '../findings/warnings.js';
import type { WorkloadTable } from '../fold/row.js';
import { machineText } from '../heading.js';
import type { Message, Messages, Table, TableCell } from './page.js';

/** A table as text formats have it, with what each column is sorted by. */
export function pageTable({ title, names, figures, footnotes }: DrawnTable, isFolded = false): Table {
  const columns = [...names, ...figures].map(({ head, align, cells }, place) => {
    let above = '';
    return {
      head: head.replaceAll('/\n', '/').replaceAll('\n', ' '),
      align,
      cells: cells.map(({ text, tone }): TableCell => {
        // A name that stands at the first of its rows only would be lost when they are sorted.
        const own = text === '' && place < names.length ? above : text;
        above = own;
        const value = sortValue(own);
        return {
          text: own,
          ...(tone !== 'plain' && { tone }),
          ...(place >= names.length && value !== undefined && { value }),
        };
      }),
    };
  });
  return { is: 'table', title, columns, footnotes, ...(isFolded && { isFolded }) };
}

const factors: Readonly<Record<string, number>> = {
  µs: 1e-6,
  ms: 1e-3,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** The first number of a cell in its base unit: 0.00124 of `~1.24 ms`. Undefined where it does not begin with one. */
export function sortValue(text: string): number | undefined {
  const [, digits, unit = ''] = /^[~≥ ]*([+-]?\d[\d,]*(?:\.\d+)?)(?: (µs|ms|KiB|MiB|GiB)\b)?/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits.replaceAll(',', '')) * (factors[unit] ?? 1);
}

/** Of texts, a row a line. */
export function textTable(heads: readonly string[], rows: readonly (readonly string[])[]): Table {
  const columns = heads.map((head, place) => ({
    head,
    align: 'left' as const,
    cells: rows.map((row) => ({ text: row[place] ?? '' })),
  }));
  return { is: 'table', title: '', columns, footnotes: [] };
}

export function environmentFacts(environment: Environment): (readonly [string, string])[] {
  return [
    ['machine', machineText({ ...environment, pinning: '' })],
    ['cores used', environment.pinning],
    ...Object.entries(environment.libraries).map(([name, version]) => [`library ${name}`, version] as const),
  ];
}

/** Of a workload, which is named where there are several; none where there is nothing to warn of. */
export function warningMessages(table: WorkloadTable, workload?: string): Messages[] {
  const items = warningsOn(table).map(({ targets, tone, text, remedies }) => {
    return { tone, text: `${workload ? `${workload}: ` : ''}${targets.join(', ')}: ${text}`, remedies };
  });
  return items.length === 0 ? [] : [{ is: 'messages', items }];
}

export function messagesOf(lines: readonly string[], tone: Message['tone'] = 'plain'): Messages {
  return { is: 'messages', items: lines.map((text) => ({ tone, text, remedies: [] })) };
}
