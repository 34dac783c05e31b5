/** The table of agents: what each had of the load, how busy it was, how well its clock was known, and what came across hosts. */

import { formatBytes, formatDuration } from '../../core/units.js';
import { terminalText } from '../drawing/escaping.js';
import { cell, column } from '../drawing/table.js';
import type { MeasuredRow } from '../fold/row.js';
import { measuredRows, type TableSpec } from '../table-spec.js';
import { countText, nothing, valueText } from '../wording/figure-text.js';

const maxAgentChars = 24;

export default {
  place: 101,
  build: (table) => {
    const lines = measuredRows(table).flatMap((row) => (row.agents ?? []).map((figures) => ({ row, ...figures })));
    if (lines.length === 0) return undefined;
    return {
      title: 'Agents',
      names: [
        column('target', 'left', lines, ({ row }) => row.target),
        column('agent', 'left', lines, ({ agent }) => terminalText(agent, maxAgentChars)),
      ],
      figures: [
        column('workers', 'right', lines, ({ workers }) => String(workers.median)),
        column('cores', 'right', lines, ({ cores }) => String(cores.median)),
        column('connections', 'right', lines, ({ connections }) => String(connections.median)),
        column('busy', 'right', lines, ({ eventLoopUtilization }) => valueText('share', eventLoopUtilization.median)),
        column('CPU', 'right', lines, ({ cpuPercent }) => valueText('%', cpuPercent.median)),
        column('RSS', 'right', lines, ({ rssBytes }) => formatBytes(Math.round(rssBytes.median))),
        column('clock', 'right', lines, ({ clockBoundUs }) =>
          clockBoundUs.median === 0 ? cell(nothing, 'quiet') : `± ${formatDuration(clockBoundUs.median)}`,
        ),
      ],
      footnotes: [
        'Clock: how well that of the agent is known on the host of the run, and so how far apart they begin; on one host there is nothing to know.',
        ...measuredRows(table).flatMap(acrossHostsText),
      ],
    };
  },
} satisfies TableSpec;

/** Never without the bound, by which each of the times may be wrong. */
function acrossHostsText({ target, acrossHosts }: MeasuredRow): string[] {
  if (acrossHosts === undefined) return [];
  const { count, clockBoundUs, latency, last } = acrossHosts;
  const toLast = last ? `, p50 of the last receiver ${formatDuration(last.p50Us.median)}` : '';
  return [
    `${target}: ${countText(count)} measured deliveries came from another host: p50 ${formatDuration(latency.p50Us.median)}, p99 ` +
      `${formatDuration(latency.p99Us.median)}${toLast}, each ± ${formatDuration(clockBoundUs.median)} by the clocks of two hosts. ` +
      'These are in no other latency.',
  ];
}
