/** The table of what a connection costs that only is there. */

import type { TableSpec } from '../table-spec.js';

export default {
  place: 50,
  title: 'Holding, for each connection',
  of: 'holding',
  columns: [
    { head: 'kernel', figure: 'holding.kernelBytesPerConnection' },
    { head: 'RSS', figure: 'holding.serverRssBytesPerConnection' },
    { head: 'JS heap', figure: 'holding.serverHeapBytesPerConnection' },
    { head: 'external', figure: 'holding.serverExternalBytesPerConnection' },
    { head: 'in,\nan hour', figure: 'holding.bytesInPerHour' },
    { head: 'out,\nan hour', figure: 'holding.bytesOutPerHour' },
    { head: 'CPU,\nan hour', figure: 'holding.serverCpuUsPerHour' },
  ],
  footnotes: ({ rows }) => [
    'Kernel is the memory of the sockets of both ends; RSS, heap, external and CPU are the server’s. In and out are TCP payload as the client sees it, heartbeats that is.',
    ...(rows.some(({ trialsPlanned }) => trialsPlanned > 1) ? ['Medians over trials.'] : []),
  ],
} satisfies TableSpec;
