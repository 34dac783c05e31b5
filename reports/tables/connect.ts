/** Owns the table of how long opening a connection took, by stage. */

import { formatDuration } from '../../core/units.js';
import { nothing } from '../figure-text.js';
import { measuredRows, type WorkloadTable } from '../workload-table.js';
import { clientColumn } from './client-column.js';
import { cell, column, type Table } from './table.js';

/** @returns undefined when no row has connect times. */
export function connectTable(table: WorkloadTable): Table | undefined {
  const lines = measuredRows(table).flatMap((row) => (row.connect.length > 0 ? [{ row }] : []));
  if (lines.length === 0) return undefined;
  const stages = new Set(lines.flatMap(({ row }) => row.connect.map(({ stage }) => stage)));
  return {
    title: 'Connecting',
    names: [column('target', 'left', lines, ({ row }) => row.target), ...clientColumn(lines)],
    figures: [...stages].map((stage) =>
      column(`${stage}\np50 … p99`, 'right', lines, ({ row }) => {
        const times = row.connect.find((connect) => connect.stage === stage);
        if (times === undefined) return cell(nothing, 'quiet');
        return `${formatDuration(times.p50Us.median)} … ${formatDuration(times.p99Us.median)}`;
      }),
    ),
    footnotes: ['Time from the first packet to the end of each stage; medians over trials.'],
  };
}
