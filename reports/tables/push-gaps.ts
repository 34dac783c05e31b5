/** The table of what a user's own server sent unasked: how much, and how evenly. */

import { cell } from '../drawing/table.js';
import type { TableSpec } from '../table-spec.js';
import { valueText } from '../wording/figure-text.js';

export default {
  place: 71,
  title: 'Pushes',
  of: 'pushGap',
  columns: [
    {
      head: 'a connection',
      cell: ({ deliveredPerSecond }, { workload }) =>
        cell(valueText('/s', deliveredPerSecond.median / workload.connections)),
    },
    { head: 'gap\np50', figure: 'pushGap.p50Us' },
    { head: 'gap\np99', figure: 'pushGap.p99Us' },
    { head: 'gap\nmax', figure: 'pushGap.maxUs' },
  ],
  footnotes: [
    'A gap is the time at a connection from one push to the next, as they arrived. Nobody knows how many there should have been: nothing is said of loss.',
  ],
} satisfies TableSpec;
