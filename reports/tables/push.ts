/** The table of how late the server itself sent what it sent unasked. */

import type { TableSpec } from '../table-spec.js';

export default {
  place: 70,
  title: 'Push',
  of: 'pushLag',
  columns: [
    { head: 'late by\np50', figure: 'pushLag.p50Us' },
    { head: 'late by\np99', figure: 'pushLag.p99Us' },
    { head: 'late by\nmax', figure: 'pushLag.maxUs' },
  ],
  footnotes: [
    'Late by is how long after a message was due the server itself began to send it, by its own clock; medians over trials. The rest of the response time is sending, network and receiving.',
  ],
} satisfies TableSpec;
