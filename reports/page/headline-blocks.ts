/** The finding of a workload on a page: its sentences, ranked bars of each of its figures, and the same as a table. */

import type { TrialFigureName } from '../../core/measure/trial-figure.js';
import type { HeadlineCell, HeadlineColumn, HeadlineRow, Ratio } from '../fold/finding.js';
import type { WorkloadTable } from '../fold/row.js';
import { trialValue } from '../fold/trial-value.js';
import { present } from '../present.js';
import { nothing, ratioText, valueText } from '../wording/figure-text.js';
import type { NamedRow, NameOf } from './named-row.js';
import type { BarChart, BarRow, Block, Table, TableCell } from './page.js';

export function headlineBlocks(table: WorkloadTable, named: readonly NamedRow[], nameOf: NameOf): Block[] {
  const { sentences, headline } = table.finding;
  const { columns, rows, reference } = headline;
  const choices = headlineCharts(table, named, nameOf);
  return [
    { is: 'sentences', as: 'answer', lines: sentences },
    ...(choices.length > 0 ? [{ is: 'bars', name: 'Figure', choices } as const] : []),
    ...(rows.length > 0 ? [tableOf(columns, rows, reference, nameOf)] : []),
  ];
}

/** More would cover each other, and make a page slow. */
const mostDots = 500;

/** One of each figure, the leading one first. @param named without them, there are no dots of trials. */
export function headlineCharts({ finding }: WorkloadTable, named: readonly NamedRow[], nameOf: NameOf): BarChart[] {
  const { columns, rows, reference } = finding.headline;
  return columns.map((column, i) => chartOf(column, i, rows, reference, named, nameOf));
}

function chartOf(
  { label, unit, better, figure }: HeadlineColumn,
  place: number,
  rows: readonly HeadlineRow[],
  reference: string | undefined,
  named: readonly NamedRow[],
  nameOf: NameOf,
): BarChart {
  const bars = rows.map((row): BarRow => {
    const cell = row.cells[place];
    const name = nameOf(row);
    if (!cell) return { name, text: nothing, note: row.verdict.text };
    const trials = named.find((one) => one.name === name)?.trials ?? [];
    const every = Math.ceil(trials.length / mostDots);
    const dots = trials
      .filter((_, at) => at % every === 0)
      .flatMap((trial) => trialValue(trial, figure as TrialFigureName)?.value ?? []);
    return {
      name,
      text: cellText(cell, unit),
      note: noteOf(cell, row, reference, place),
      value: cell.value,
      ...cell.interval,
      dots,
    };
  });
  const sign = better === 'lower' ? 1 : -1;
  const isEvery = named.every(({ trials }) => trials.length <= mostDots);
  const intervals = bars.some(({ low }) => low !== undefined);
  return {
    label,
    unit,
    about: present(
      `The ${better}, the better.`,
      'Bars are medians over trials.',
      bars.some(({ dots = [] }) => dots.length > 0) &&
        (isEvery ? 'Every dot is a trial.' : 'Dots are some of the trials.'),
      intervals ? 'Whiskers are intervals of 95 % over trials.' : 'Too few trials for an interval.',
      reference !== undefined && `Ratios are to ${reference}.`,
    ).join(' '),
    rows: bars.toSorted((a, b) => rank(a, sign) - rank(b, sign)),
  };
}

function rank({ value }: BarRow, sign: number): number {
  return value === undefined ? Number.MAX_VALUE : sign * value;
}

function cellText({ value, atLeast, firm }: HeadlineCell, unit: HeadlineColumn['unit']): string {
  return `${atLeast ? '≥ ' : firm ? '' : '~'}${valueText(unit, value)}`;
}

function noteOf(
  { ratio }: HeadlineCell,
  { target, verdict }: HeadlineRow,
  reference: string | undefined,
  place: number,
): string {
  const leading =
    place === 0 && (verdict.code === 'cannot keep up' || verdict.code === 'generator limit') ? `, ${verdict.text}` : '';
  if (ratio === undefined) return target === reference ? 'reference' : leading.slice(2);
  return `${ratioWords(ratio)}${leading}`;
}

function ratioWords(ratio: Ratio): string {
  return `${ratioRange(ratio)}${ratio.verdict === 'unclear' ? ', unclear' : ''}`;
}

/** `0.53× (0.51–0.56)`. */
function ratioRange({ value, interval }: Ratio): string {
  return `${ratioText(value)}${interval ? ` (${interval.low.toFixed(2)}–${interval.high.toFixed(2)})` : ''}`;
}

function tableOf(
  columns: readonly HeadlineColumn[],
  rows: readonly HeadlineRow[],
  reference: string | undefined,
  nameOf: NameOf,
): Table {
  const names = rows.map((row): TableCell => ({ text: nameOf(row) }));
  return {
    is: 'table',
    title: 'Ranked',
    columns: [
      { head: 'target', align: 'left', cells: names },
      ...columns.flatMap(({ label, unit }, i) => {
        const cells = rows.map((row) => row.cells[i]);
        // Those of the others stand beside their bars: with all of them the table would be wider than a screen.
        const ratios = i === 0 ? cells.map((cell) => cell?.ratio) : [];
        return [
          { head: label, align: 'right' as const, cells: cells.map((cell) => figureCell(cell, unit)) },
          ...(ratios.some((ratio) => ratio !== undefined)
            ? [{ head: `to ${reference}`, align: 'right' as const, cells: ratios.map(ratioCell) }]
            : []),
        ];
      }),
      { head: 'verdict', align: 'left', cells: rows.map(({ verdict }) => ({ text: verdict.text })) },
    ],
    footnotes: [],
  };
}

function figureCell(cell: HeadlineCell | null | undefined, unit: HeadlineColumn['unit']): TableCell {
  if (!cell) return { text: nothing, tone: 'quiet' };
  return { text: cellText(cell, unit), value: cell.value, ...(!cell.firm && { tone: 'quiet' as const }) };
}

function ratioCell(ratio: Ratio | undefined): TableCell {
  if (ratio === undefined) return { text: nothing, tone: 'quiet' };
  const tone = ratio.verdict === 'unclear' && { tone: 'quiet' as const };
  return { text: ratioRange(ratio), value: ratio.value, ...tone };
}
