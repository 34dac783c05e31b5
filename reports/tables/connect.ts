/** Owns the table of what opening a connection took: a line a stage and target, so that targets stand below each other. */

import { formatBytes, formatDuration, formatRate } from '../../core/units.js';
import { terminalText } from '../drawing/terminal-text.js';
import { inStageOrder } from '../fold/connect-stages.js';
import type { ConnectCostFigures, MeasuredRow } from '../fold/row.js';
import type { TimeFigures } from '../fold/workload-metrics.js';
import { measuredRows, type WorkloadTable } from '../fold/workload-table.js';
import { nothing } from '../wording/figure-text.js';
import { nameColumns } from './name-columns.js';
import { type Cell, type Column, cell, column, type Table } from './table.js';

/** The name of a stage comes from the file, and with a long one there would be no room for anything else. */
const maxStageChars = 16;

interface Line {
  readonly stage: string;
  readonly row: MeasuredRow;
  readonly times: TimeFigures;
  readonly cost: ConnectCostFigures | undefined;
}

/** @returns undefined when no row has connect times. */
export function connectTable(table: WorkloadTable): Table | undefined {
  const rows = measuredRows(table).filter(({ connect }) => connect.length > 0);
  if (rows.length === 0) return undefined;
  const lines = linesOf(rows);
  const costs = lines.some(({ cost }) => cost !== undefined);
  const peaks = rows.some(({ connectPeakPerSecond }) => connectPeakPerSecond !== undefined);
  return {
    title: 'Connecting',
    names: [stageColumn(lines), ...nameColumns(lines)],
    figures: [
      timeColumn('p50', 'p50Us', lines),
      timeColumn('p99', 'p99Us', lines),
      timeColumn('max', 'maxUs', lines),
      ...(costs ? costColumns(lines) : []),
      ...(peaks ? [column('peak', 'right', lines, peakCell)] : []),
    ],
    footnotes: [
      'From the first packet to the end of each stage; medians over trials.',
      ...(costs
        ? [
            'Round trips are how often something came in after something had gone out, the TCP handshake being the first; bytes are TCP payload.',
          ]
        : []),
      ...(peaks ? ['Peak is the most connections that became ready within one second.'] : []),
    ],
  };
}

function linesOf(rows: readonly MeasuredRow[]): Line[] {
  const stages = inStageOrder(rows.flatMap(({ connect }) => connect.map(({ stage }) => stage)));
  return stages.flatMap((stage) =>
    rows.flatMap((row): Line[] => {
      const times = row.connect.find((each) => each.stage === stage);
      const cost = row.connectCosts?.find((each) => each.stage === stage);
      return times === undefined ? [] : [{ stage, row, times, cost }];
    }),
  );
}

/** The name of a stage stands at its first line only. */
function stageColumn(lines: readonly Line[]): Column {
  const firsts = new Set(lines.filter(({ stage }, i) => stage !== lines[i - 1]?.stage));
  return column('stage', 'left', lines, (line) => (firsts.has(line) ? terminalText(line.stage, maxStageChars) : ''));
}

function timeColumn(head: string, name: keyof TimeFigures, lines: readonly Line[]): Column {
  return column(head, 'right', lines, ({ times }) => formatDuration(times[name].median));
}

function costColumns(lines: readonly Line[]): Column[] {
  const costColumn = (head: string, pick: (cost: ConnectCostFigures) => number, write: (value: number) => string) =>
    column(head, 'right', lines, ({ cost }) => shown(cost && pick(cost), write));
  const bytes = (value: number): string => formatBytes(Math.round(value));
  return [
    // A mean over connections: some need one more, because two packets came apart.
    costColumn(
      'round\ntrips',
      (cost) => cost.roundTrips.median,
      (trips) => String(Number(trips.toFixed(1))),
    ),
    costColumn('bytes\nin', (cost) => cost.bytesIn.median, bytes),
    costColumn('bytes\nout', (cost) => cost.bytesOut.median, bytes),
  ];
}

function shown(value: number | undefined, write: (value: number) => string): Cell {
  return value === undefined ? cell(nothing, 'quiet') : cell(write(value));
}

function peakCell({ stage, row }: Line): Cell {
  return stage === 'ready' ? shown(row.connectPeakPerSecond?.median, formatRate) : cell('');
}
