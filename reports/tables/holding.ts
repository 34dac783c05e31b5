/** Owns the table of what a connection costs that only is there. */

import { formatBytes, formatDuration } from '../../core/units.js';
import type { Figure } from '../fold/figure.js';
import type { MeasuredRow } from '../fold/row.js';
import type { HoldingFigures } from '../fold/workload-metrics.js';
import { measuredRows, type WorkloadTable } from '../fold/workload-table.js';
import { nothing } from '../wording/figure-text.js';
import { nameColumns } from './name-columns.js';
import { cell, column, type Table } from './table.js';

interface Line {
  readonly row: MeasuredRow;
  readonly holding: HoldingFigures;
}

/** @returns undefined when no trial measured it. */
export function holdingTable(table: WorkloadTable): Table | undefined {
  const lines = measuredRows(table).flatMap((row): Line[] => {
    const { holding } = row;
    return holding ? [{ row, holding }] : [];
  });
  if (lines.length === 0) return undefined;
  const bytes = (head: string, pick: (holding: HoldingFigures) => Figure | undefined) =>
    column(head, 'right', lines, ({ holding }) => {
      const figure = pick(holding);
      return figure === undefined ? cell(nothing, 'quiet') : formatBytes(Math.round(figure.median));
    });
  return {
    title: 'Holding, for each connection',
    names: nameColumns(lines),
    figures: [
      bytes('kernel', (holding) => holding.kernelBytesPerConnection),
      bytes('RSS', (holding) => holding.serverRssBytesPerConnection),
      bytes('JS heap', (holding) => holding.serverHeapBytesPerConnection),
      bytes('external', (holding) => holding.serverExternalBytesPerConnection),
      bytes('in,\nan hour', (holding) => holding.bytesInPerHour),
      bytes('out,\nan hour', (holding) => holding.bytesOutPerHour),
      column('CPU,\nan hour', 'right', lines, ({ holding }) => formatDuration(holding.serverCpuUsPerHour.median)),
    ],
    footnotes: [
      'Kernel is the memory of the sockets of both ends; RSS, heap, external and CPU are the server’s. In and out are TCP payload as the client sees it, heartbeats that is.',
      ...(table.rows.some(({ trialsPlanned }) => trialsPlanned > 1) ? ['Medians over trials.'] : []),
    ],
  };
}
