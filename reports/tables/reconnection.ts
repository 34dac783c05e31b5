/** The table of what an outage did: who came back and when, and what they missed. */

import { isSilent, losesProcess } from '../../core/kind.js';
import { cell } from '../drawing/table.js';
import { figureCell, type TableSpec, type View } from '../table-spec.js';
import { countText } from '../wording/figure-text.js';

/** Nothing is owed to idle connections. */
const isOwing = ({ workload }: View): boolean => !isSilent(workload.kind);
const isKill = (view: View): boolean => losesProcess(view.workload) && isOwing(view);

export default {
  place: 40,
  title: 'Reconnection',
  of: 'reconnection',
  columns: [
    {
      head: 'came\nback',
      cell: ({ reconnection: { reconnected = 0, cutOff = 0 } = {} }) =>
        cell(`${countText(reconnected)} of ${countText(cutOff)}`, reconnected < cutOff ? 'bad' : 'plain'),
    },
    { head: 'p50', figure: 'reconnection.reconnectUs.p50Us' },
    { head: 'p99', figure: 'reconnection.reconnectUs.p99Us' },
    {
      head: '100 %',
      // The slowest of those that came back says nothing about those that did not.
      cell: (row) => {
        const { reconnected = 0, cutOff = 0 } = row.reconnection ?? {};
        return reconnected < cutOff ? cell('never', 'bad') : figureCell(row, 'reconnection.reconnectUs.maxUs');
      },
    },
    { head: 'peak', figure: 'reconnection.peakPerSecond' },
    { head: 'missed,\nrecovered', figure: 'reconnection.recovered', when: isOwing },
    { head: 'missed,\nlost', figure: 'reconnection.lost', tone: 'warn', when: isOwing },
    { head: 'lost\ninside', figure: 'reconnection.lostInside', tone: 'warn', when: isKill },
    { head: 'lost by\nothers', figure: 'reconnection.lostByOthers', tone: 'bad', when: isKill },
    { head: 'not\nsent', figure: 'reconnection.unsent', when: isKill },
  ],
  footnotes: (view) => [
    'Times are from the outage to being ready, of connections that came back, and medians over trials.',
    'Peak is the most connections that came back within one second.',
    ...(isOwing(view)
      ? ['Missed are deliveries of messages sent while a connection was away; counts are of all trials together.']
      : []),
    ...(isKill(view)
      ? [
          'Lost inside: deliveries to connections that kept their process, of messages that were in the killed one.',
          'Lost by others: all other deliveries to connections that kept their process; there must be none.',
          'Not sent: messages that were due while their sender was away.',
        ]
      : []),
    ...(losesProcess(view.workload) ? ['The process is not started again.'] : []),
  ],
} satisfies TableSpec;
