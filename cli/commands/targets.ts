/** The command `bench targets`: lists the servers that can be measured. */

import Table from 'cli-table3';
import { borderless } from '../../reports/drawing/screen.js';
import { describeTarget, loadTarget } from '../../runners/server/load-target.js';
import { libraryVersion, targetNames } from '../../runners/target-catalogue.js';
import { command } from '../flags.js';

const transports = {
  websocket: 'WebSocket',
  polling: 'HTTP long-polling',
  upgrade: 'long-polling, then WebSocket',
} as const;

export const targetsCommand = command({
  command: 'targets',
  describe: 'List the servers that can be measured, and why one is not available here',
  builder: (yargs) => yargs.example('$0 targets', 'what can be measured on this Node'),
  handler: async () => {
    const table = new Table({
      head: ['target', 'library', 'version', 'transport', 'available'],
      style: { head: [], border: [] },
      chars: { ...borderless, middle: '  ' },
    });
    const reasons: string[] = [];
    for (const name of targetNames()) {
      const target = describeTarget(name, await loadTarget(name));
      const { unavailable: reason } = target;
      if (reason) reasons.push(`${name}: ${reason}`);
      const version = libraryVersion(target.library) ?? 'unknown';
      table.push([name, target.library, version, transports[target.transport], reason ? 'no, see below' : 'yes']);
    }
    process.stdout.write(`${table.toString()}\n${reasons.map((reason) => `\n${reason}\n`).join('')}`);
  },
});
