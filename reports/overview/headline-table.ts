/** The headline as a table: a line a target, a column a figure with half of its interval, and the verdict. */

import { type Cell, type Column, cell, column, type Table, type Tone } from '../drawing/table.js';
import { firmHalfWidth, isNarrow } from '../fold/figure.js';
import type { Headline, HeadlineCell, HeadlineRow, VerdictCode } from '../fold/finding.js';
import { present } from '../present.js';
import { type ColumnScale, halfWidthText, scaledText, scaleFor } from '../wording/column-scale.js';
import { nothing, ratioText } from '../wording/figure-text.js';

const tones: Readonly<Partial<Record<VerdictCode, Tone>>> = {
  'cannot keep up': 'bad',
  'generator limit': 'bad',
  'not measured': 'bad',
  'no interval': 'quiet',
  unclear: 'quiet',
  reference: 'quiet',
};

/** @returns undefined where no row has a figure. */
export function headlineTable(headline: Headline): Table | undefined {
  const { columns, rows, reference } = headline;
  if (columns.length === 0) return undefined;
  const compared = rows.some(({ cells: [lead] }) => lead?.ratio);
  const figures = columns.flatMap(({ isAside }, i) => {
    if (isAside) return [];
    const figure = figureColumn(headline, i);
    return i === 0 && compared ? [figure, column(`to\n${reference}`, 'right', rows, leadRatio)] : [figure];
  });
  const told = rows.some(
    ({ verdict: { code } }) => code !== 'reference' && code !== 'no interval' && code !== 'no ratio',
  );
  return {
    title: '',
    names: [column('target', 'left', rows, ({ target }) => target)],
    figures: present(
      ...figures,
      told && column('verdict', 'left', rows, ({ verdict: { code, text } }) => cell(text, tones[code] ?? 'plain')),
    ),
    footnotes: footnotes(headline),
  };
}

function figureColumn({ columns, rows }: Headline, i: number): Column {
  const { label, unit } = columns[i] ?? { label: '', unit: 'count' };
  const scale = scaleFor(
    unit,
    rows.flatMap(({ cells }) => cells[i]?.value ?? []),
  );
  return column(headOf(label, scale), 'right', rows, ({ cells }) => figureCell(cells[i], scale));
}

/** `CPU µs/`, `delivery`; `last`, `receiver ms`; `p50`, `ms`: in two lines about as narrow as the figures below. */
function headOf(label: string, { name }: ColumnScale): string {
  const [, start = label, mark = '', end = ''] = /^(.+?)([/ ])(.+)$/.exec(label) ?? [];
  const lines = mark === '/' ? [`${start} ${name}/`, end] : [start, `${end} ${name}`];
  return lines
    .map((line) => line.replace(' /', '/').trim())
    .join('\n')
    .trim();
}

function figureCell(figure: HeadlineRow['cells'][number] | undefined, scale: ColumnScale): Cell {
  if (figure == null) return cell(nothing, 'quiet');
  const { value, atLeast, firm, interval } = figure;
  const text = `${atLeast ? '≥ ' : firm ? '' : '~'}${scaledText(value, scale)}`;
  return cell(
    interval ? `${text} ${halfWidthText(interval, scale)}` : text,
    atLeast ? 'bad' : firm ? 'plain' : 'quiet',
  );
}

function leadRatio({ cells: [lead] }: HeadlineRow): Cell {
  if (lead?.ratio === undefined) return cell(lead ? '1' : nothing, 'quiet');
  return cell(ratioText(lead.ratio.value), lead.ratio.verdict === 'unclear' ? 'quiet' : 'plain');
}

/** Marks, in one line. */
function footnotes({ columns, rows }: Headline): string[] {
  const cells = rows.flatMap((row) => row.cells.flatMap((each, i) => (columns[i]?.isAside ? [] : (each ?? []))));
  const trials = new Set(rows.flatMap((row) => (row.trials > 0 ? [row.trials] : [])));
  const counts = [...trials].sort((a, b) => a - b).join(' – ');
  const soft = cells.filter(({ firm, atLeast }) => !firm && !atLeast);
  const isWide = ({ value, interval }: HeadlineCell): boolean => interval !== undefined && !isNarrow(interval, value);
  const why = present(
    soft.some(isWide) && `±${100 * firmHalfWidth} % or more`,
    soft.some((each) => !isWide(each)) && 'too few messages or trials',
  );
  const several = Math.max(...trials) > 1;
  const interval = cells.some((each) => each.interval) && '± half of the 95 % interval';
  const said = present(
    several && [`Medians of ${counts} trials`, interval].filter((part) => part).join(' '),
    why.length > 0 && `~ not firm: ${why.join(', ')}`,
    cells.some(({ atLeast }) => atLeast) && '≥ a lower bound, messages were unanswered',
  );
  return said.length === 0 ? [] : [`${said.join('; ')}.`];
}
