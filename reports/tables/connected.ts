/** Owns the table of how many connections came through a proxy that blocks, and why the others did not. */

import { type Blocked, blockedOf } from '../fold/blocked.js';
import type { MeasuredRow } from '../fold/row.js';
import { measuredRows, type WorkloadTable } from '../fold/workload-table.js';
import { countText, nothing, shareText } from '../wording/figure-text.js';
import { clientColumn } from './client-column.js';
import { type Cell, cell, column, type Table } from './table.js';

/** The first line of a row has its figures; each has a reason, where there is one. */
interface Line {
  readonly row: MeasuredRow;
  readonly blocked: Blocked;
  readonly place: number;
}

/** @returns undefined where nothing is blocked or nothing was measured. */
export function connectedTable(table: WorkloadTable): Table | undefined {
  const lines = measuredRows(table).flatMap((row): Line[] => {
    const blocked = blockedOf(table.workload, row);
    if (blocked === undefined) return [];
    return Array.from({ length: Math.max(1, blocked.reasons.length) }, (_, place) => ({ row, blocked, place }));
  });
  if (lines.length === 0) return undefined;
  const onFirst =
    (write: (blocked: Blocked) => string | Cell) =>
    ({ blocked, place }: Line): string | Cell =>
      place === 0 ? write(blocked) : '';
  return {
    title: 'Connected',
    names: [
      column('target', 'left', lines, ({ row, place }) => (place === 0 ? row.target : '')),
      ...clientColumn(lines),
    ],
    figures: [
      column('connected', 'right', lines, onFirst(connectedShare)),
      column(
        'of all\nconnections',
        'right',
        lines,
        onFirst(({ connected, asked }) => `${countText(connected)} of ${countText(asked)}`),
      ),
      column('why not', 'left', lines, ({ blocked, place }) => blocked.reasons[place]?.[0] ?? cell(nothing, 'quiet')),
      column('times', 'right', lines, ({ blocked, place }) => {
        const reason = blocked.reasons[place];
        return reason === undefined ? cell(nothing, 'quiet') : countText(reason[1]);
      }),
    ],
    footnotes: ['A connection counts as connected when its first message has come back. Sums over all trials.'],
  };
}

function connectedShare({ connected, asked }: Blocked): Cell {
  return cell(shareText(connected, asked), connected < asked ? 'bad' : 'plain');
}
