/** Owns the table of how the generator fared: whether what was measured can have been its own doing. */

import { isPushed, isStorm, type Kind } from '../../core/kind.js';
import { formatBytes, formatDuration } from '../../core/units.js';
import type { MeasuredRow } from '../fold/row.js';
import { measuredRows, type WorkloadTable } from '../fold/workload-table.js';
import { nothing, percentText, ratioText } from '../wording/figure-text.js';
import { nameColumns } from './name-columns.js';
import { column, type Table } from './table.js';

/** With fewer connections, what the process grew by has little to do with them. */
const tellingConnections = 1_000;

/** @returns undefined when nothing was measured. */
export function generatorTable(table: WorkloadTable): Table | undefined {
  const lines = measuredRows(table).map((row) => ({ row }));
  if (lines.length === 0) return undefined;
  const { load, kind, connections } = table.workload;
  // What the server sends unasked, the generator cannot be late with.
  const open = load.model === 'open' && !isPushed(kind);
  const many = connections >= tellingConnections;
  const knowsMost = lines.some(({ row }) => row.headroomPerSecond !== undefined);
  const did = isStorm(kind) ? 'the most connections that opened within a second' : 'what was delivered';
  return {
    title: 'Generator',
    names: nameColumns(lines),
    figures: [
      column('workers', 'right', lines, ({ row }) => String(row.runner.workers.median)),
      column('busy', 'right', lines, ({ row }) => percentText(100 * row.runner.eventLoopUtilization.median)),
      column('send lag\np50 … p99', 'right', lines, ({ row: { runner } }) =>
        open
          ? `${formatDuration(runner.sendLagP50Us.median)} … ${formatDuration(runner.sendLagP99Us.median)}`
          : nothing,
      ),
      ...(many
        ? [
            column('RSS, a\nconnection', 'right', lines, ({ row }: (typeof lines)[number]) =>
              formatBytes(Math.round(row.runner.rssBytesPerConnection.median)),
            ),
          ]
        : []),
      ...(knowsMost
        ? [column('could\ndo', 'right', lines, ({ row }: (typeof lines)[number]) => couldDo(row, kind))]
        : []),
      column('stolen by\nhypervisor', 'right', lines, ({ row }) => percentText(100 * row.runner.stolenShare.median)),
    ],
    footnotes: [
      'Busy is the time its busiest worker worked, its pacing spin not counted. Send lag is sent - due.',
      ...(knowsMost
        ? [
            `Could do: what the generator did on this machine against a server that answers without looking (\`bench calibrate\`: 64 B, as fast as it goes), over ${did} here.`,
          ]
        : []),
    ],
  };
}

function couldDo({ headroomPerSecond, deliveredPerSecond, connectPeakPerSecond }: MeasuredRow, kind: Kind): string {
  const did = isStorm(kind) ? (connectPeakPerSecond?.median ?? 0) : deliveredPerSecond.median;
  return headroomPerSecond === undefined || did === 0 ? nothing : ratioText(headroomPerSecond / did);
}
