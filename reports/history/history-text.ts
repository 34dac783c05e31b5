/** Writes a history as text for a terminal: of each panel a sparkline a target, one table, and the change points in words. */

import { type MetricName, metrics } from '../../core/measure/metrics.js';
import { terminalText } from '../drawing/escaping.js';
import { type Canvas, canvasOf, documentOf, paragraph, type Screen, tableText } from '../drawing/screen.js';
import { cell, column, type Table } from '../drawing/table.js';
import { present } from '../present.js';
import { changeText } from '../wording/figure-text.js';
import { workloadText } from '../wording/heading.js';
import type { History } from './history.js';
import {
  advisory,
  dateText,
  legend,
  machineText,
  notesOnHistory,
  type Panel,
  panelTitle,
  pointText,
  type Series,
  seriesName,
  shiftSentence,
  versionName,
} from './panel.js';

/** @param plain a terminal that knows ASCII only: no blocks in the sparklines. */
export function historyText({ panels, warnings }: History, screen: Screen, plain: boolean): string {
  const canvas = canvasOf(screen);
  return documentOf([
    ...panels.flatMap((panel) => panelBlocks(panel, canvas, plain)),
    warnings.flatMap((warning) => paragraph(warning, canvas.width, '! ').map((line) => canvas.tone('warn', line))),
  ]);
}

function panelBlocks(panel: Panel, canvas: Canvas, plain: boolean): string[][] {
  const { workload, trialsPlanned, machine, series } = panel;
  const nameChars = Math.max(...series.map((each) => terminalText(seriesName(each), 32).length));
  return [
    [
      ...paragraph(panelTitle(panel), canvas.width).map(canvas.bold),
      ...paragraph(workloadText(workload, trialsPlanned), canvas.width).map(canvas.quiet),
      ...paragraph(machineText(machine), canvas.width).map(canvas.quiet),
    ],
    series.flatMap((each) => sparklineText(each, panel, nameChars, canvas, plain)),
    tableText(tableOf(panel), canvas),
    marks(panel, canvas),
  ];
}

function sparklineText(series: Series, { metric }: Panel, nameChars: number, canvas: Canvas, plain: boolean): string[] {
  const { line, marks } = sparkline(series, metric, canvas.width - nameChars - 2, plain);
  const name = terminalText(seriesName(series), 32).padEnd(nameChars);
  const drawn = `${name}  ${canvas.service(line)}`.trimEnd();
  return marks === '' ? [drawn] : [drawn, canvas.tone('warn', `${' '.repeat(nameChars)}  ${marks}`)];
}

function tableOf({ series, metric }: Panel): Table {
  const lines = series.flatMap((each) =>
    each.points.map((point, at) => ({ series: each, point, ...notesOnHistory(each, at) })),
  );
  const notes = column('', 'left', lines, (line) => cell(line.notes, line.moved ? 'warn' : 'quiet'));
  return {
    title: `${metrics[metric].label}, oldest first`,
    names: [
      column('target', 'left', lines, (line) => seriesName(line.series)),
      column('commit', 'left', lines, ({ point }) => versionName(point)),
    ],
    figures: present(
      column('date', 'left', lines, ({ point }) => dateText(point.startedAt)),
      column('median', 'right', lines, ({ point }) => pointText(point, metric)),
      column('trials', 'right', lines, ({ point }) => `${point.values.length}`),
      column('to the one\nbefore', 'right', lines, ({ point }) => changeText(point.change)),
      notes.cells.some(({ text }) => text !== '') && notes,
    ),
    footnotes: legend(series),
  };
}

function marks({ series, metric }: Panel, canvas: Canvas): string[] {
  const found = series.flatMap((each) => each.shifts.map((shift) => shiftSentence(each, shift, metric)));
  return [
    ...found.flatMap((sentence) => paragraph(sentence, canvas.width, '^ ').map((line) => canvas.tone('warn', line))),
    ...paragraph(advisory(series), canvas.width).map(canvas.quiet),
  ];
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
