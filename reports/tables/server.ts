/** The table of the server: CPU, memory and event-loop delay of its processes, and of those beside them. */

import { isSilent } from '../../core/kind.js';
import { formatDuration } from '../../core/units.js';
import { cell } from '../drawing/table.js';
import { hasSeveralCores } from '../findings/server-cores.js';
import type { TableSpec, View } from '../table-spec.js';
import { figureText, nothing, ratioText } from '../wording/figure-text.js';

const hasRedis = ({ rows }: View) => rows.some(({ server }) => server?.redisRssBytes !== undefined);
const hasProxy = ({ rows }: View) => rows.some(({ server }) => server?.proxyRssBytes !== undefined);

export default {
  place: 80,
  title: 'Server',
  of: 'server',
  columns: [
    {
      head: 'CPU/\ndelivery',
      when: ({ workload }) => !isSilent(workload.kind),
      // 0 is what there is where nothing was delivered.
      cell: ({ server, trialsUsed }) =>
        server && server.cpuUsPerDelivery.median > 0
          ? figureText(server.cpuUsPerDelivery, formatDuration, trialsUsed)
          : cell(nothing, 'quiet'),
    },
    {
      head: 'to\nfirst',
      when: ({ workload, several }) => several && !isSilent(workload.kind),
      cell: ({ ratios }) => ratioText(ratios.cpuUsPerDelivery),
    },
    { head: 'Redis CPU/\ndelivery', when: hasRedis, figure: 'server.redisCpuUsPerDelivery' },
    { head: 'proxy CPU/\ndelivery', when: hasProxy, figure: 'server.proxyCpuUsPerDelivery' },
    { head: 'cores', when: hasSeveralCores, figure: 'server.cores' },
    { head: 'CPU', figure: 'server.cpuPercent' },
    { head: 'RSS/\nconnection', figure: 'server.rssBytesPerConnection' },
    { head: 'RSS', figure: 'server.rssBytes' },
    { head: 'Redis\nRSS', when: hasRedis, figure: 'server.redisRssBytes' },
    { head: 'proxy\nRSS', when: hasProxy, figure: 'server.proxyRssBytes' },
    { head: 'JS heap', figure: 'server.heapBytes' },
    { head: 'GC', figure: 'server.gcMs' },
    {
      head: 'loop delay\np99 / max',
      cell: ({ server: { eventLoopDelayP99Us: p99, eventLoopDelayMaxUs: max } = {} }) =>
        p99 && max ? `${formatDuration(p99.median)} / ${formatDuration(max.median)}` : nothing,
    },
  ],
  footnotes: [
    'RSS/connection is the growth of RSS since before the first connection, divided by the number of connections.',
  ],
} satisfies TableSpec;
