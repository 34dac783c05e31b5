/** Text on a terminal: its colours, its paragraphs, and tables, which are continued below where they are too wide. */

import CliTable from 'cli-table3';
import pc from 'picocolors';
import wrapAnsi from 'wrap-ansi';
import { terminalText } from './escaping.js';
import { type Column, rowsOf, type Table, type Tone } from './table.js';

export interface Screen {
  readonly colour: boolean;
  /** Columns; less than 24 is treated as 24. */
  readonly width: number;
  /** Everything that there is, and not the finding alone. */
  readonly details?: boolean;
}

/** A screen with its brushes; every text given to a brush has been escaped already. */
export type Canvas = { readonly width: number } & Readonly<Record<Brush, (text: string) => string>>;
type Brush = Tone | 'bold' | 'service' | 'response';

/** Blocks of lines with an empty line between them. */
export function documentOf(blocks: readonly (readonly string[])[]): string {
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

export function canvasOf({ colour, width }: Screen): Canvas {
  const { dim: quiet, yellow: warn, red: bad, bold, cyan: service, magenta: response } = pc.createColors(colour);
  return { width: Math.max(24, width), plain: (text) => text, quiet, warn, bad, bold, service, response };
}

/** @returns lines of at most `width` columns, the first after `lead`, the others indented by as much. */
export function paragraph(text: string, width: number, lead = ''): string[] {
  const escaped = terminalText(text);
  const room = Math.max(10, width - lead.length);
  // The first call of the library takes 50 ms: to measure anything but ASCII, it prepares for every emoji.
  const isOneLine = escaped.length <= room && /^(?! )[ -~]*(?<! )$/.test(escaped);
  const lines = isOneLine ? [escaped] : wrapAnsi(escaped, room, { hard: true }).split('\n');
  return lines.map((line, i) => (i === 0 ? lead : ' '.repeat(lead.length)) + line);
}

const gap = 2;
const maxCellChars = 32;
const maxSentenceChars = 100;
/** Characters of a table of `cli-table3` without a border. */
const borderless = Object.fromEntries(
  ['top', 'bottom', 'mid', 'left', 'right', 'middle'].flatMap((side) =>
    ['', '-left', '-mid', '-right'].map((end) => [side + end, '']),
  ),
);

export function tableText(table: Table, canvas: Canvas): string[] {
  const [names, figures] = [
    table.names.map((column) => escaped(column)),
    table.figures.map((column) => escaped(column)),
  ];
  const room = canvas.width - totalWidth(names) - gap;
  const isTooNarrow = Math.max(...figures.map(widthOf)) > room;
  return [
    ...(table.title === '' ? [] : paragraph(table.title, canvas.width).map(canvas.bold)),
    ...(isTooNarrow
      ? listed(names, figures, canvas)
      : breakToFit(figures, room).flatMap((part, i) => [...(i === 0 ? [] : ['']), ...draw(names, part, canvas)])),
    ...table.footnotes.flatMap((note) => paragraph(note, canvas.width, '  ')).map(canvas.quiet),
  ];
}

/** A table of sentences, which are neither cut at the width of a figure nor continued below: row by row where it is too wide. */
export function sentenceTable(names: readonly Column[], others: readonly Column[], screen: Screen): string[] {
  const canvas = canvasOf(screen);
  const whole = (column: Column): Column => escaped(column, maxSentenceChars);
  const [own, rest] = [names.map(whole), others.map(whole)];
  return totalWidth([...own, ...rest]) > canvas.width ? listed(own, rest, canvas) : draw(own, rest, canvas);
}

/** Where not even one column fits beside the names: row by row, a line for each figure. */
function listed(names: readonly Column[], figures: readonly Column[], canvas: Canvas): string[] {
  const heads = figures.map(({ head }) => head.replaceAll('/\n', '/').replaceAll('\n', ' '));
  const figuresOf = rowsOf(figures);
  return rowsOf(names).flatMap((cells, i) => {
    const lines = (figuresOf[i] ?? []).flatMap(({ text, tone }, at) => {
      if (text === '') return [];
      return paragraph(`${heads[at] === '' ? '' : `${heads[at]}: `}${text}`, canvas.width, '  ').map(canvas[tone]);
    });
    const name = cells.flatMap(({ text }) => text || []).join(' · ');
    return lines.length === 0 ? [] : [...paragraph(name, canvas.width), ...lines];
  });
}

function escaped({ head, align, cells }: Column, mostChars = maxCellChars): Column {
  return {
    head: head
      .split('\n')
      .map((line) => terminalText(line, mostChars))
      .join('\n'),
    align,
    cells: cells.map(({ text, tone }) => ({ text: terminalText(text, mostChars), tone })),
  };
}

/** As many columns side by side as there is room for, at least one. */
function breakToFit(columns: readonly Column[], room: number): Column[][] {
  const parts: Column[][] = [];
  let part: Column[] = [];
  let left = 0;
  for (const next of columns) {
    const width = widthOf(next);
    if (part.length === 0 || gap + width > left) {
      part = [];
      parts.push(part);
      left = room + gap;
    }
    part.push(next);
    left -= gap + width;
  }
  return parts;
}

function widthOf({ head, cells }: Column): number {
  return Math.max(...head.split('\n').map((line) => line.length), ...cells.map(({ text }) => text.length));
}

function totalWidth(columns: readonly Column[]): number {
  return columns.reduce((total, next) => total + widthOf(next) + gap, -gap);
}

/** Rows with nothing but their names are left out. */
function draw(names: readonly Column[], figures: readonly Column[], canvas: Canvas): string[] {
  const columns = [...names, ...figures];
  const heads = columns.map(({ head }) => head.split('\n'));
  const headLines = Math.max(...heads.map((lines) => lines.length));
  const table = new CliTable({
    chars: borderless,
    style: { 'padding-left': 0, 'padding-right': gap, head: [], border: [] },
    colAligns: columns.map(({ align }) => align),
  });
  // Heads stand on the rule, so short ones are filled up from above.
  for (let i = 0; i < headLines; i++)
    table.push(heads.map((lines) => canvas.quiet(lines[i - headLines + lines.length] ?? '')));
  for (const cells of rowsOf(columns))
    if (cells.slice(names.length).some(({ text }) => text !== ''))
      table.push(cells.map(({ tone, text }) => canvas[tone](text)));
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  return [...lines.slice(0, headLines), canvas.quiet('─'.repeat(totalWidth(columns))), ...lines.slice(headLines)];
}
