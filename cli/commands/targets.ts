/** The command `bench targets`: lists the servers that can be measured. */

import { documentOf, paragraph, sentenceTable } from '../../reports/drawing/screen.js';
import { column } from '../../reports/drawing/table.js';
import { describeTarget, loadTarget } from '../../runners/server/load-target.js';
import { libraryVersion, targetNames } from '../../runners/target-catalogue.js';
import { command } from '../flags.js';
import { standardScreen } from '../screen.js';

const transports = {
  websocket: 'WebSocket',
  polling: 'HTTP long-polling',
  upgrade: 'long-polling, then WebSocket',
} as const;

/** Of Socket.IO's transports, the one that no target has. */
const webTransport =
  "webtransport: Socket.IO's third transport is not measured. Node.js has no HTTP/3 server, and the package that brings " +
  'one (@fails-components/webtransport) has no QUIC binary inside npm for this platform.';

export const targetsCommand = command({
  command: 'targets',
  describe: 'List the servers that can be measured, and why one is not available here',
  builder: (yargs) => yargs.example('$0 targets', 'what can be measured on this Node'),
  handler: async () => {
    const rows = await Promise.all(
      targetNames().map(async (name) => {
        const target = describeTarget(name, await loadTarget(name));
        return { ...target, name, version: target.version ?? libraryVersion(target.library) ?? 'unknown' };
      }),
    );
    const table = sentenceTable(
      [column('target', 'left', rows, ({ name }) => name)],
      [
        column('library', 'left', rows, ({ library }) => library),
        column('version', 'left', rows, ({ version }) => version),
        column('transport', 'left', rows, ({ transport }) => transports[transport]),
        column('available', 'left', rows, ({ unavailable }) => (unavailable ? 'no, see below' : 'yes')),
      ],
      standardScreen(),
    );
    const reasons = [
      ...rows.flatMap(({ name, unavailable }) => (unavailable ? `${name}: ${unavailable}` : [])),
      webTransport,
    ];
    process.stdout.write(documentOf([table, ...reasons.map((reason) => paragraph(reason, standardScreen().width))]));
  },
});
