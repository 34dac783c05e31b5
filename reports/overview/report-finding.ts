/** The finding of a whole report: that of its workload, or what the workloads of a sweep say together. */

import { headlineOf } from '../../core/headlines.js';
import { workloadKey } from '../../core/workload/workload-fields.js';
import { capacityTable } from '../capacity/capacity-tables.js';
import { capacitySentences } from '../capacity/capacity-words.js';
import type { Table } from '../drawing/table.js';
import { reachSentence } from '../findings/reach.js';
import type { WorkloadTable } from '../fold/row.js';
import { workloadLabels } from '../heading.js';
import { memoryTable } from '../memory/memory-layers.js';
import { present } from '../present.js';
import type { Report } from '../report.js';
import { ratioText, valueText } from '../wording/figure-text.js';
import { headlineTable } from './headline-table.js';
import { sweepTable } from './sweep-table.js';

export function findingSentences({ tables, stopAboveP95Us, capacity }: Report): readonly string[] {
  if (capacity) return capacitySentences(capacity);
  const [first, ...others] = tables;
  if (first === undefined || others.length === 0) return first?.finding.sentences ?? [];
  const labels = labelsOf(tables);
  const [from, to] = [labels.at(0), labels.at(-1)];
  const lead = leadOf(tables);
  const grown = targetsOf(tables).flatMap((target) => growth(target, tables, lead));
  return present(
    reachSentence(tables, labels, stopAboveP95Us),
    grown.length > 0 && `${lead.label}, from ${from} to ${to}: ${grown.join(', ')}.`,
    ...new Set(tables.flatMap(({ finding }, i) => finding.limits.map((limit) => `${labels[i] ?? ''}: ${limit}`))),
  );
}

/** What leads in most workloads of a sweep leads all of it: they differ in a value, not in what they are about. */
function leadOf([first]: readonly WorkloadTable[]): { readonly figure: string; readonly label: string } {
  const shown = first?.finding.headline.columns[0];
  const meant = first && headlineOf(first.workload).figures[0];
  return shown ?? meant ?? { figure: '', label: '' };
}

function targetsOf(tables: readonly WorkloadTable[]): string[] {
  return [...new Set(tables.flatMap(({ rows }) => rows.map(({ target }) => target)))];
}

/** `ws 12.0 µs → 30.0 µs (2.50×)`; nothing where it was measured in fewer than two workloads. */
function growth(target: string, tables: readonly WorkloadTable[], { figure }: { readonly figure: string }): string[] {
  const values = tables.flatMap(({ finding: { headline } }) => {
    const at = headline.columns.findIndex((column) => column.figure === figure);
    const column = headline.columns[at];
    const cell = headline.rows.find((row) => row.target === target && row.cells[at])?.cells[at];
    return column && cell ? [{ value: cell.value, text: valueText(column.unit, cell.value) }] : [];
  });
  const [from, to] = [values.at(0), values.at(-1)];
  if (from === undefined || to === undefined || values.length < 2) return [];
  const ratio = from.value > 0 && to.value > 0 ? ` (${ratioText(to.value / from.value)})` : '';
  return [`${target} ${from.text} → ${to.text}${ratio}`];
}

export function findingTables({ tables, capacity, memory }: Report): Table[] {
  if (capacity) return [capacityTable(capacity)];
  return [...figureTables(tables), ...(memory ? [memoryTable(memory)] : [])];
}

function figureTables(tables: Report['tables']): Table[] {
  const [first] = tables;
  if (tables.length < 2) return tables.flatMap(({ finding }) => headlineTable(finding.headline) ?? []);
  const { told } = first === undefined ? {} : headlineOf(first.workload);
  const figures = new Set([leadOf(tables).figure, ...(told ? [told.figure] : [])]);
  return [...figures].flatMap((figure) => sweepTable(tables, labelsOf(tables), figure) ?? []);
}

function labelsOf(tables: readonly WorkloadTable[]): string[] {
  const labels = workloadLabels(tables.map(({ workload }) => workload));
  return tables.map(({ workload }, i) => labels[i] ?? workloadKey(workload));
}
