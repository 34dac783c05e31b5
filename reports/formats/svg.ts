/** A chart of the finding for documents and slides: a panel a workload, ranked bars of its first figure with intervals. */

import { htmlText, terminalText } from '../drawing/escaping.js';
import { paragraph, type Screen } from '../drawing/screen.js';
import type { Format } from '../format-registry.js';
import { sourceText, titleOf } from '../heading.js';
import { headlineCharts } from '../page/headline-blocks.js';
import { namedRows, rowNames } from '../page/named-row.js';
import type { BarChart, BarRow } from '../page/page.js';
import type { Report } from '../report.js';
import type { ReadTrial } from '../results/read-trial.js';

export default { place: 90, report: svg } satisfies Format;

/** Told apart without colour vision (Okabe and Ito); all text is dark on white. */
const colours = { bar: '#56b4e9', mark: '#1a1a1a', text: '#1a1a1a', quiet: '#555555', line: '#bbbbbb' } as const;
/** In pixels. Nothing measures text here: a character of the usual fonts is at most `charPx` wide on average. */
const sizes = {
  width: 960,
  margin: 24,
  names: 190,
  bars: 380,
  figures: 90,
  row: 26,
  bar: 14,
  line: 20,
  font: 14,
  charPx: 7.2,
} as const;
const maxNameChars = 24;
const textChars = Math.floor((sizes.width - 2 * sizes.margin) / sizes.charPx);

/** Parts are drawn one below the other. */
class Drawing {
  readonly #parts: string[] = [];
  #y: number = sizes.margin;

  get height(): number {
    return this.#y + sizes.margin;
  }

  lines(text: string, look: Look = {}): void {
    for (const line of paragraph(text, textChars)) {
      this.#y += sizes.line;
      this.#parts.push(textAt(sizes.margin, this.#y - 5, line, look));
    }
  }

  /** @param draw gets the middle of a strip, and has it for itself. */
  strip(draw: (middle: number) => readonly string[], height: number = sizes.row): void {
    this.#parts.push(...draw(this.#y + height / 2));
    this.#y += height;
  }

  gap(): void {
    this.#y += sizes.line / 2;
  }

  text(): string {
    return this.#parts.join('\n');
  }
}

function svg(report: Report, _screen: Screen, trials: readonly ReadTrial[] = []): string {
  const drawing = new Drawing();
  const nameOf = rowNames(report.tables);
  drawing.lines(titleOf(report), { bold: true });
  for (const table of report.tables) {
    drawing.gap();
    for (const sentence of table.finding.sentences) drawing.lines(sentence);
    const [chart] = headlineCharts(table, namedRows(table, nameOf, trials), nameOf);
    if (chart) panel(drawing, chart);
  }
  drawing.gap();
  drawing.lines(sourceText(report), { fill: colours.quiet });
  const { height } = drawing;
  const title = htmlText(titleOf(report));
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${sizes.width} ${height}" width="${sizes.width}" height="${height}" role="img" font-family="system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif" font-size="${sizes.font}">`,
    `<title>${title}</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    drawing.text(),
    '</svg>',
  ].join('\n')}\n`;
}

function panel(drawing: Drawing, { label, about, rows }: BarChart): void {
  const ends = rows.flatMap(({ value = 0, low = value, high = value, dots = [] }) => [value, low, high, ...dots]);
  const [least, most] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const left = sizes.margin + sizes.names;
  const at = (value: number) => left + (sizes.bars * (value - least)) / (most - least || 1);
  drawing.gap();
  drawing.lines(label, { bold: true });
  for (const row of rows) drawing.strip((middle) => barOf(row, middle, at));
  drawing.lines(about, { fill: colours.quiet });
}

/** The name, the bar from 0 on with its whisker and dots, and the figure in words; above 0 stands a line. */
function barOf(row: BarRow, middle: number, at: (value: number) => number): string[] {
  const { name, text, note, value, low, high, dots = [] } = row;
  const baseline = middle + sizes.font / 3;
  const shown = [
    textAt(sizes.margin + sizes.names - 10, baseline, terminalText(name, maxNameChars), { end: true }),
    lineOf(at(0), middle - sizes.row / 2, at(0), middle + sizes.row / 2, colours.line),
  ];
  if (value !== undefined) {
    const [from, to] = [Math.min(at(0), at(value)), Math.max(at(0), at(value))];
    const top = middle - sizes.bar / 2;
    shown.push(
      `<rect x="${px(from)}" y="${px(top)}" width="${px(to - from)}" height="${sizes.bar}" fill="${colours.bar}"/>`,
    );
  }
  for (const dot of dots)
    shown.push(`<circle cx="${px(at(dot))}" cy="${px(middle)}" r="2.5" fill="none" stroke="${colours.quiet}"/>`);
  if (low !== undefined && high !== undefined)
    shown.push(
      lineOf(at(low), middle, at(high), middle, colours.mark),
      ...[low, high].map((end) => lineOf(at(end), middle - 4, at(end), middle + 4, colours.mark)),
    );
  const right = sizes.margin + sizes.names + sizes.bars + 16;
  return [
    ...shown,
    textAt(right, baseline, text, { bold: true }),
    ...(note ? [textAt(right + sizes.figures, baseline, note)] : []),
  ];
}

function lineOf(x1: number, y1: number, x2: number, y2: number, stroke: string): string {
  return `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${stroke}" stroke-width="1.5"/>`;
}

interface Look {
  readonly bold?: boolean;
  readonly fill?: string;
  /** It ends at its place instead of beginning there. */
  readonly end?: boolean;
}

function textAt(x: number, y: number, text: string, { bold, fill = colours.text, end }: Look = {}): string {
  const attributes = [`fill="${fill}"`, ...(bold ? ['font-weight="600"'] : []), ...(end ? ['text-anchor="end"'] : [])];
  return `<text x="${px(x)}" y="${px(y)}" ${attributes.join(' ')}>${htmlText(text)}</text>`;
}

function px(value: number): string {
  return String(Number(value.toFixed(1)));
}
