/** Owns the table of what a target cost: CPU, memory and stalls of the server process. */

import { isSilent } from '../../core/kind.js';
import { formatBytes, formatDuration } from '../../core/units.js';
import type { MeasuredRow, ServerFigures } from '../fold/row.js';
import { measuredRows, type WorkloadTable } from '../fold/workload-table.js';
import { figureText, nothing, percentText, ratioText } from '../wording/figure-text.js';
import { nameColumns } from './name-columns.js';
import { type Column, cell, column, type Table } from './table.js';

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
    names: nameColumns(lines),
    figures: [
      ...(isSilent(table.workload.kind) ? [] : deliveryColumns(lines, rows.length > 1)),
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

function deliveryColumns(lines: readonly Line[], several: boolean): Column[] {
  return [
    // Nought is what there is where nothing was delivered.
    column('CPU, a\ndelivery', 'right', lines, ({ row, server: { cpuUsPerDelivery } }) =>
      cpuUsPerDelivery.median > 0
        ? figureText(cpuUsPerDelivery, formatDuration, row.trialsUsed)
        : cell(nothing, 'quiet'),
    ),
    ...(several
      ? [column('to\nfirst', 'right', lines, ({ row }: Line) => ratioText(row.ratios.cpuUsPerDelivery))]
      : []),
  ];
}
