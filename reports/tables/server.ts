/** Owns the table of what a target cost: CPU, memory and stalls of the server process. */

import { formatBytes, formatDuration } from '../../core/units.js';
import { figureText, percentText, ratioText } from '../figure-text.js';
import type { MeasuredRow, ServerFigures } from '../row.js';
import { measuredRows, type WorkloadTable } from '../workload-table.js';
import { clientColumn } from './client-column.js';
import { column, type Table } from './table.js';

interface Line {
  readonly row: MeasuredRow;
  readonly server: ServerFigures;
}

/** @returns undefined when no server reported. */
export function serverTable(table: WorkloadTable): Table | undefined {
  const rows = measuredRows(table);
  const lines = rows.flatMap((row): Line[] => (row.server ? [{ row, server: row.server }] : []));
  if (lines.length === 0) return undefined;
  const median = (head: string, name: keyof ServerFigures, write: (value: number) => string) =>
    column(head, 'right', lines, ({ server }) => write(server[name].median));
  return {
    title: 'Server',
    names: [column('target', 'left', lines, ({ row }) => row.target), ...clientColumn(lines)],
    figures: [
      column('CPU, a\ndelivery', 'right', lines, ({ row, server }) =>
        figureText(server.cpuUsPerDelivery, formatDuration, row.trialsUsed),
      ),
      ...(rows.length > 1
        ? [column('to\nfirst', 'right', lines, ({ row }: Line) => ratioText(row.ratios.cpuUsPerDelivery))]
        : []),
      median('CPU', 'cpuPercent', percentText),
      median('RSS, a\nconnection', 'rssBytesPerConnection', (bytes) => formatBytes(Math.round(bytes))),
      median('RSS', 'rssBytes', formatBytes),
      median('JS heap', 'heapBytes', formatBytes),
      median('GC', 'gcMs', (ms) => formatDuration(ms * 1000)),
      column('loop delay\np99 / max', 'right', lines, ({ server: { eventLoopDelayP99Us, eventLoopDelayMaxUs } }) => {
        return `${formatDuration(eventLoopDelayP99Us.median)} / ${formatDuration(eventLoopDelayMaxUs.median)}`;
      }),
    ],
    footnotes: ['RSS a connection is what RSS grew by since before the first connection, divided by the connections.'],
  };
}
