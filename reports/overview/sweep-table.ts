/** The leading figure over the workloads of a sweep: a line a workload, a column a target. */

import { type Cell, cell, column, type Table } from '../drawing/table.js';
import type { Headline, HeadlineRow } from '../fold/finding.js';
import type { WorkloadTable } from '../fold/row.js';
import { type ColumnScale, halfWidthText, scaledText, scaleFor } from '../wording/column-scale.js';
import { nothing } from '../wording/figure-text.js';

/**
 * @param labels of the workloads, in their order
 * @param figure a column of their headlines
 * @returns undefined where no workload has it
 */
export function sweepTable(
  tables: readonly WorkloadTable[],
  labels: readonly string[],
  figure: string,
): Table | undefined {
  const lines = tables.map(({ finding: { headline } }, i) => ({
    label: labels[i] ?? '',
    headline,
    at: headline.columns.findIndex((each) => each.figure === figure),
  }));
  const shown = lines.find(({ at }) => at >= 0);
  const head = shown?.headline.columns[shown.at];
  if (head === undefined) return undefined;
  const scale = scaleFor(
    head.unit,
    lines.flatMap(({ headline, at }) => headline.rows.flatMap(({ cells }) => cells[at]?.value ?? [])),
  );
  const targets = [...new Set(tables.flatMap(({ rows }) => rows.map(({ target }) => target)))];
  return {
    title: [head.label, scale.name].filter((part) => part !== '').join(', '),
    names: [column('', 'left', lines, ({ label }) => label)],
    figures: targets.map((target) =>
      column(target, 'right', lines, ({ headline, at }) => figureCell(rowOf(headline, target), at, scale)),
    ),
    footnotes: [],
  };
}

/** The first that has figures, where several clients measured a target. */
function rowOf({ rows }: Headline, target: string): HeadlineRow | undefined {
  const own = rows.filter((row) => row.target === target);
  return own.find(({ trials }) => trials > 0) ?? own[0];
}

/** Who has no figure has a verdict in its place, if there is one; the first target has none by itself. */
function figureCell(row: HeadlineRow | undefined, at: number, scale: ColumnScale): Cell {
  const figure = row?.cells[at];
  if (figure == null) return cell(row?.verdict.code === 'reference' ? nothing : row?.verdict.text || nothing, 'quiet');
  const { value, atLeast, firm, interval } = figure;
  const slow = row?.verdict.code === 'cannot keep up';
  const text = `${atLeast ? '≥ ' : firm ? '' : '~'}${scaledText(value, scale)}`;
  return cell(interval ? `${text} ${halfWidthText(interval, scale)}` : text, atLeast || slow ? 'bad' : 'plain');
}
