/** The table of the generator: whether it, and not the server, was the limit. */

import { isPushed, isStorm } from '../../core/kind.js';
import { formatDuration } from '../../core/units.js';
import type { MeasuredRow } from '../fold/row.js';
import { present } from '../present.js';
import type { TableSpec, View } from '../table-spec.js';
import { nothing, ratioText } from '../wording/figure-text.js';

/** With fewer connections, what the process grew by has little to do with them. */
const tellingConnections = 1_000;

export default {
  place: 100,
  title: 'Generator',
  of: 'runner',
  columns: [
    { head: 'workers', figure: 'runner.workers' },
    { head: 'busy', figure: 'runner.eventLoopUtilization' },
    {
      head: 'send lag\np50 … p99',
      // What the server sends unasked, the generator cannot be late with.
      cell: ({ runner: { sendLagP50Us, sendLagP99Us } }, { workload: { load, kind } }) =>
        load.model === 'open' && !isPushed(kind)
          ? `${formatDuration(sendLagP50Us.median)} … ${formatDuration(sendLagP99Us.median)}`
          : nothing,
    },
    ...(['p50Us', 'p99Us'] as const).map((quantile) => ({
      head: `receive wait\n${quantile.slice(0, 3)}`,
      when: ({ rows }: View) => rows.some(({ receiveWait }) => receiveWait !== undefined),
      cell: ({ receiveWait }: MeasuredRow) =>
        receiveWait === undefined
          ? nothing
          : `${formatDuration(receiveWait.atLeast[quantile].median)} … ${formatDuration(receiveWait.atMost[quantile].median)}`,
    })),
    {
      head: 'RSS/\nconnection',
      when: ({ workload }) => workload.connections >= tellingConnections,
      figure: 'runner.rssBytesPerConnection',
    },
    {
      head: 'headroom',
      when: ({ rows }) => rows.some(({ headroomPerSecond }) => headroomPerSecond !== undefined),
      cell: ({ headroomPerSecond, deliveredPerSecond, connectPeakPerSecond }, { workload }) => {
        const did = isStorm(workload.kind) ? (connectPeakPerSecond?.median ?? 0) : deliveredPerSecond.median;
        return headroomPerSecond === undefined || did === 0 ? nothing : ratioText(headroomPerSecond / did);
      },
    },
    { head: 'steal\ntime', figure: 'runner.stolenShare' },
  ],
  footnotes: ({ workload, rows }) => {
    const did = isStorm(workload.kind) ? 'the most connections that opened within a second' : 'what was delivered';
    return present(
      'Busy is the time its busiest worker worked, its pacing spin not counted. Send lag is sent - due.',
      rows.some(({ receiveWait }) => receiveWait !== undefined) &&
        'Receive wait is how long deliveries could have been read before the generator read them, at least … at most.',
      rows.some(({ headroomPerSecond }) => headroomPerSecond !== undefined) &&
        `Headroom: what the generator did on this machine against a server that answers without looking (\`bench calibrate\`: 64 B, as fast as it goes), over ${did} here.`,
    );
  },
} satisfies TableSpec;
