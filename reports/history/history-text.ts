/** Writes a history as text for a terminal: of each panel a sparkline a target, one table, and the change points in words. */

import { metrics } from '../../core/measure/metrics.js';
import { terminalText } from '../drawing/escaping.js';
import { paragraph } from '../drawing/paragraph.js';
import { type Canvas, canvasOf, type Screen } from '../drawing/screen.js';
import { cell, column, type Table } from '../drawing/table.js';
import { tableText } from '../drawing/table-text.js';
import { changeText } from '../wording/figure-text.js';
import { workloadText } from '../wording/heading.js';
import type { History } from './history.js';
import {
  advisory,
  dateText,
  legend,
  panelTitle,
  pointText,
  seriesName,
  shiftSentence,
  versionName,
} from './history-words.js';
import type { Panel, Series } from './panel.js';
import { machineText } from './panel.js';
import type { Point } from './point.js';
import { sparkline } from './sparkline.js';

/** @param plain a terminal that knows ASCII only: no blocks in the sparklines. */
export function historyText({ panels, warnings }: History, screen: Screen, plain: boolean): string {
  const canvas = canvasOf(screen);
  const blocks = [
    ...panels.flatMap((panel) => panelBlocks(panel, canvas, plain)),
    warnings.flatMap((warning) => paragraph(warning, canvas.width, '! ').map((line) => canvas.tone('warn', line))),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
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

interface Line {
  readonly series: Series;
  readonly point: Point;
  readonly moved: boolean;
}

function tableOf({ series, metric }: Panel): Table {
  const lines: Line[] = series.flatMap((each) =>
    each.points.map((point, i) => ({ series: each, point, moved: each.shifts.some(({ at }) => at === i) })),
  );
  const notes = column('', 'left', lines, ({ point, moved }) =>
    cell([...(moved ? ['change point'] : []), ...point.notes].join('; '), moved ? 'warn' : 'quiet'),
  );
  return {
    title: `${metrics[metric].label}, oldest first`,
    names: [
      column('target', 'left', lines, (line) => seriesName(line.series)),
      column('commit', 'left', lines, ({ point }) => versionName(point)),
    ],
    figures: [
      column('date', 'left', lines, ({ point }) => dateText(point.startedAt)),
      column('median', 'right', lines, ({ point }) => pointText(point, metric)),
      column('trials', 'right', lines, ({ point }) => `${point.values.length}`),
      column('to the one\nbefore', 'right', lines, ({ point }) => changeText(point.change)),
      ...(notes.cells.some(({ text }) => text !== '') ? [notes] : []),
    ],
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
