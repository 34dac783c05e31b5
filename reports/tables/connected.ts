/** The table of how many connections came through a proxy that blocks, and why the others did not. */

import { cell, column } from '../drawing/table.js';
import { isConnectError } from '../findings/warnings.js';
import { clientColumn, measuredRows, type TableSpec } from '../table-spec.js';
import { countText, nothing, shareText } from '../wording/figure-text.js';

export default {
  place: 20,
  appliesTo: ({ blocking }) => blocking !== undefined,
  build: (table) => {
    // The first line of a row has its figures, over all its trials; each has a class of errors and how often, if any.
    const lines = measuredRows(table).flatMap((row) => {
      const asked = row.connections * row.trialsUsed;
      const connected = Math.max(0, asked - row.counts.connectFailed);
      const reasons = Object.entries(row.counts.errors)
        .filter(([errorClass, times]) => times > 0 && isConnectError(errorClass))
        .sort(([, a], [, b]) => b - a);
      return Array.from({ length: Math.max(1, reasons.length) }, (_, place) => {
        const [why, times] = reasons[place] ?? [];
        return { row, asked, connected, place, why, times };
      });
    });
    if (lines.length === 0) return undefined;
    return {
      title: 'Connected',
      names: [
        column('target', 'left', lines, ({ row, place }) => (place === 0 ? row.target : '')),
        ...clientColumn(lines.map(({ row }) => row)),
      ],
      figures: [
        column('connected', 'right', lines, ({ asked, connected, place }) =>
          place === 0 ? cell(shareText(connected, asked), connected < asked ? 'bad' : 'plain') : '',
        ),
        column('of all\nconnections', 'right', lines, ({ asked, connected, place }) =>
          place === 0 ? `${countText(connected)} of ${countText(asked)}` : '',
        ),
        column('why not', 'left', lines, ({ why }) => why ?? cell(nothing, 'quiet')),
        column('times', 'right', lines, ({ times }) =>
          times === undefined ? cell(nothing, 'quiet') : countText(times),
        ),
      ],
      footnotes: ['A connection counts as connected when its first message has come back. Sums over all trials.'],
    };
  },
} satisfies TableSpec;
