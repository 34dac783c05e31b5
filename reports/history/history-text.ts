/** Writes a history as text for a terminal: of each panel a sparkline a target, one table, and the change points in words. */

import { type MetricName, metrics } from '../../core/measure/metrics.js';
import { terminalText } from '../drawing/escaping.js';
import { type Canvas, canvasOf, documentOf, paragraph, type Screen, tableText } from '../drawing/screen.js';
import { cell, column, type Table } from '../drawing/table.js';
import { present } from '../present.js';
import { changeText } from '../wording/figure-text.js';
import type { History } from './history.js';
import type { Panel, Series } from './panel.js';

/** @param plain a terminal that knows ASCII only: no blocks in the sparklines. */
export function historyText({ panels, warnings }: History, screen: Screen, plain: boolean): string {
  const canvas = canvasOf(screen);
  return documentOf([...panels.flatMap((panel) => panelBlocks(panel, canvas, plain)), warned(warnings, '! ', canvas)]);
}

function warned(sentences: readonly string[], lead: string, canvas: Canvas): string[] {
  return sentences.flatMap((one) => paragraph(one, canvas.width, lead)).map(canvas.warn);
}

function panelBlocks(panel: Panel, canvas: Canvas, plain: boolean): string[][] {
  const { title, about, series, metric, advice } = panel;
  const nameOf = ({ name }: Series) => terminalText(name, Math.min(32, Math.floor(canvas.width / 2)));
  const nameChars = Math.max(...series.map((each) => nameOf(each).length));
  const marked = series.flatMap(({ shifts }) => shifts.map(({ sentence }) => sentence));
  return [
    [
      ...paragraph(title, canvas.width).map(canvas.bold),
      ...about.flatMap((text) => paragraph(text, canvas.width)).map(canvas.quiet),
    ],
    series.flatMap((each) => {
      const { line, marks } = sparkline(each, metric, canvas.width - nameChars - 2, plain);
      const drawn = `${nameOf(each).padEnd(nameChars)}  ${canvas.service(line)}`.trimEnd();
      return marks === '' ? [drawn] : [drawn, canvas.warn(`${' '.repeat(nameChars)}  ${marks}`)];
    }),
    tableText(tableOf(panel), canvas),
    [...warned(marked, '^ ', canvas), ...paragraph(advice, canvas.width).map(canvas.quiet)],
  ];
}

function tableOf({ series, metric, legend }: Panel): Table {
  const lines = series.flatMap(({ name, points }) => points.map((point) => ({ name, ...point })));
  return {
    title: `${metrics[metric].label}, oldest first`,
    names: [
      column('target', 'left', lines, ({ name }) => name),
      column('commit', 'left', lines, ({ version }) => version),
    ],
    figures: present(
      column('date', 'left', lines, ({ date }) => date),
      column('median', 'right', lines, ({ text }) => text),
      column('trials', 'right', lines, ({ values }) => `${values.length}`),
      column('to the one\nbefore', 'right', lines, ({ change }) => changeText(change)),
      lines.some(({ notes }) => notes.length > 0) &&
        column('', 'left', lines, ({ notes, moved }) => cell(notes.join('; '), moved ? 'warn' : 'quiet')),
    ),
    footnotes: legend,
  };
}

const blocks = [...'▁▂▃▄▅▆▇█'];
/** For terminals that know ASCII only: 1 is the lowest. */
const digits = [...'12345678'];

export interface Sparkline {
  /** A character a version; a space where there is no figure. */
  readonly line: string;
  /** `^` under the first version of each new level; empty when there is none. */
  readonly marks: string;
}

/**
 * Heights are logarithmic between the lowest and the highest median. A range below twice the least effect of interest
 * is drawn as if it were that wide, so that noise stays flat.
 *
 * @param width columns at most: the newest versions are drawn.
 */
export function sparkline({ points, shifts }: Series, metric: MetricName, width: number, plain: boolean): Sparkline {
  const first = Math.max(0, points.length - width);
  const heights = points.slice(first).map(({ figure }) => (figure ? Math.log(figure.median) : Number.NaN));
  const known = heights.filter((height) => !Number.isNaN(height));
  const low = Math.min(...known);
  const high = Math.max(...known);
  const span = Math.max(high - low, 2 * Math.log1p(2 * metrics[metric].leastShare));
  const floor = (low + high - span) / 2;
  const steps = plain ? digits : blocks;
  const line = heights.map((height) => {
    if (Number.isNaN(height)) return ' ';
    return steps[Math.min(steps.length - 1, Math.floor(((height - floor) / span) * steps.length))];
  });
  const marks = line.map((_, i) => (shifts.some(({ at }) => at === first + i) ? '^' : ' '));
  return { line: line.join(''), marks: marks.join('').trimEnd() };
}
