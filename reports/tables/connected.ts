/** The table of how many connections came through a proxy that blocks, and why the others did not. */

import type { Workload } from '../../core/scenario.js';
import { cell, column } from '../drawing/table.js';
import { isConnectError } from '../findings/warnings.js';
import type { MeasuredRow } from '../fold/row.js';
import { clientColumn, measuredRows, type TableSpec } from '../table-spec.js';
import { countText, nothing, shareText } from '../wording/figure-text.js';

export default {
  place: 20,
  appliesTo: ({ blocking }) => blocking !== undefined,
  build: (table) => {
    // The first line of a row has its figures; each has a reason, where there is one.
    const lines = measuredRows(table).flatMap((row) => {
      const blocked = blockedOf(table.workload, row);
      if (blocked === undefined) return [];
      return Array.from({ length: Math.max(1, blocked.reasons.length) }, (_, place) => ({ row, blocked, place }));
    });
    if (lines.length === 0) return undefined;
    return {
      title: 'Connected',
      names: [
        column('target', 'left', lines, ({ row, place }) => (place === 0 ? row.target : '')),
        ...clientColumn(lines.map(({ row }) => row)),
      ],
      figures: [
        column('connected', 'right', lines, ({ blocked, place }) => (place === 0 ? connectedShare(blocked) : '')),
        column('of all\nconnections', 'right', lines, ({ blocked: { connected, asked }, place }) =>
          place === 0 ? `${countText(connected)} of ${countText(asked)}` : '',
        ),
        column('why not', 'left', lines, ({ blocked, place }) => blocked.reasons[place]?.[0] ?? cell(nothing, 'quiet')),
        column('times', 'right', lines, ({ blocked, place }) => {
          const reason = blocked.reasons[place];
          return reason === undefined ? cell(nothing, 'quiet') : countText(reason[1]);
        }),
      ],
      footnotes: ['A connection counts as connected when its first message has come back. Sums over all trials.'],
    };
  },
} satisfies TableSpec;

function connectedShare({ connected, asked }: Blocked) {
  return cell(shareText(connected, asked), connected < asked ? 'bad' : 'plain');
}

/** Over all trials of the row. */
interface Blocked {
  readonly asked: number;
  readonly connected: number;
  /** Why the others failed: classes of errors and how often, the most frequent first. */
  readonly reasons: readonly (readonly [errorClass: string, times: number])[];
}

/** @returns undefined where nothing is blocked. */
function blockedOf({ blocking }: Workload, row: MeasuredRow): Blocked | undefined {
  if (blocking === undefined) return undefined;
  const asked = row.connections * row.trialsUsed;
  return {
    asked,
    connected: Math.max(0, asked - row.counts.connectFailed),
    reasons: Object.entries(row.counts.errors)
      .filter(([errorClass, times]) => times > 0 && isConnectError(errorClass))
      .sort(([, a], [, b]) => b - a),
  };
}
