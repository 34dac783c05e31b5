/** Owns the table of how late the server itself sent what it sent unasked. */

import { formatDuration } from '../../core/units.js';
import type { MeasuredRow } from '../fold/row.js';
import type { TimeFigures } from '../fold/workload-metrics.js';
import { measuredRows, type WorkloadTable } from '../fold/workload-table.js';
import { nameColumns } from './name-columns.js';
import { column, type Table } from './table.js';

interface Line {
  readonly row: MeasuredRow;
  readonly lag: TimeFigures;
}

/** @returns undefined when no server sent unasked. */
export function pushTable(table: WorkloadTable): Table | undefined {
  const lines = measuredRows(table).flatMap((row): Line[] => (row.pushLag ? [{ row, lag: row.pushLag }] : []));
  if (lines.length === 0) return undefined;
  const late = (head: string, name: keyof TimeFigures) =>
    column(head, 'right', lines, ({ lag }) => formatDuration(lag[name].median));
  return {
    title: 'Push',
    names: nameColumns(lines),
    figures: [late('late by\np50', 'p50Us'), late('late by\np99', 'p99Us'), late('late by\nmax', 'maxUs')],
    footnotes: [
      'Late by is how long after a message was due the server itself began to send it, by its own clock; medians over trials. The rest of the response time is sending, network and receiving.',
    ],
  };
}
