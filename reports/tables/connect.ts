/** The table of what opening a connection took: a line a stage and target, so that targets stand below each other. */

import { measuresConnecting } from '../../core/kind.js';
import { formatBytes, formatRate } from '../../core/units.js';
import { terminalText } from '../drawing/escaping.js';
import { type Cell, cell, column } from '../drawing/table.js';
import { inStageOrder } from '../fold/fold.js';
import { present } from '../present.js';
import { clientColumn, measuredRows, type TableSpec } from '../table-spec.js';
import { nothing, valueText } from '../wording/figure-text.js';

/** The name of a stage comes from the file, and with a long one there would be no room for anything else. */
const maxStageChars = 16;

export default {
  place: (workload) => (measuresConnecting(workload) ? 30 : 95),
  build: (table) => {
    const rows = measuredRows(table);
    const stages = inStageOrder(rows.flatMap(({ connect }) => connect.map(({ stage }) => stage)));
    const lines = stages.flatMap((stage) =>
      rows.flatMap((row) => {
        const times = row.connect.find((each) => each.stage === stage);
        const cost = row.connectCosts?.find((each) => each.stage === stage);
        return times === undefined ? [] : [{ stage, row, times, cost }];
      }),
    );
    if (lines.length === 0) return undefined;
    const costs = lines.some(({ cost }) => cost !== undefined);
    const peaks = lines.some(({ row }) => row.connectPeakPerSecond !== undefined);
    // The name of a stage stands at its first line only.
    const firsts = new Set(lines.filter(({ stage }, i) => stage !== lines[i - 1]?.stage));
    const figure = (head: string, write: (line: (typeof lines)[number]) => string | Cell) =>
      column(head, 'right', lines, write);
    const bytes = (value: number): string => formatBytes(Math.round(value));
    return {
      title: 'Connecting',
      isAside: !measuresConnecting(table.workload),
      names: [
        column('stage', 'left', lines, (line) => (firsts.has(line) ? terminalText(line.stage, maxStageChars) : '')),
        column('target', 'left', lines, ({ row }) => row.target),
        ...clientColumn(lines.map(({ row }) => row)),
      ],
      figures: present(
        figure('p50', ({ times }) => valueText('us', times.p50Us.median)),
        figure('p99', ({ times }) => valueText('us', times.p99Us.median)),
        figure('max', ({ times }) => valueText('us', times.maxUs.median)),
        // A mean over connections: some need one more, because two packets came apart.
        costs &&
          figure('round\ntrips', ({ cost }) =>
            shown(cost?.roundTrips.median, (trips) => String(Number(trips.toFixed(1)))),
          ),
        costs && figure('bytes\nin', ({ cost }) => shown(cost?.bytesIn.median, bytes)),
        costs && figure('bytes\nout', ({ cost }) => shown(cost?.bytesOut.median, bytes)),
        peaks &&
          figure('peak', ({ stage, row }) =>
            stage === 'ready' ? shown(row.connectPeakPerSecond?.median, formatRate) : cell(''),
          ),
      ),
      footnotes: present(
        'From the first packet to the end of each stage; medians over trials.',
        costs &&
          'Round trips are how often something came in after something had gone out, the TCP handshake being the first; bytes are TCP payload.',
        peaks && 'Peak is the most connections that became ready within one second.',
      ),
    };
  },
} satisfies TableSpec;

function shown(value: number | undefined, write: (value: number) => string): Cell {
  return value === undefined ? cell(nothing, 'quiet') : cell(write(value));
}
