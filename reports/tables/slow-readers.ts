/** The table of what became of messages to connections that did not read. */

import { present } from '../present.js';
import type { TableSpec } from '../table-spec.js';

export default {
  place: 60,
  title: 'Slow readers',
  of: 'slowReaders',
  columns: [
    { head: 'readers', figure: 'slowReaders.readers' },
    { head: 'owed\nto them', figure: 'slowReaders.owed' },
    { head: 'delivered', figure: 'slowReaders.delivered' },
    { head: 'dropped by\nthe server', figure: 'slowReaders.dropped', tone: 'bad' },
    { head: 'server RSS\ngrew by', figure: 'slowReaders.serverRssGrowthBytes' },
  ],
  footnotes: ({ rows }) =>
    present(
      'They read nothing during the measured window and what they were owed after it. Latency and throughput are those of the others.',
      rows.some(({ trialsUsed }) => trialsUsed > 1) &&
        'Counts are of all trials together; RSS is the median over trials.',
    ),
} satisfies TableSpec;
