/** Owns `bench serve`. */

import type { CommandModule } from 'yargs';
import { type Kind, kindNames, kinds, usualKinds } from '../../core/kind.js';
import { UsageError } from '../../runners/failure.js';
import { loadTarget } from '../../runners/target-catalogue.js';

interface ServeFlags {
  readonly target: string;
  readonly kind: Kind;
  readonly port: number;
}

const host = '127.0.0.1';
/** What one has to know of a kind to look at it by hand. */
const notes: Partial<Record<Kind, readonly string[]>> = {
  room: ['A connection names its room in the query of its request, ?room=7 for example; without one it is in room 0.'],
  push: ['It pushes when `bench run` tells it to; served alone, it sends nothing.'],
};

export const serveCommand: CommandModule<object, ServeFlags> = {
  command: 'serve <target>',
  describe: 'Run one server alone, for looking at it with other tools',
  builder: (yargs) =>
    yargs
      .positional('target', { type: 'string', demandOption: true, describe: 'A target (see `bench targets`)' })
      .option('kind', { choices: kindNames, default: 'echo', describe: 'What the server does with a message' })
      .option('port', { type: 'number', default: 0, describe: 'Port to listen on; 0 = any that is free' })
      .example('$0 serve ws --kind broadcast --port 8080', 'until Ctrl-C') as never,
  handler: async ({ target: name, kind, port }) => {
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new UsageError('--port: a whole number from 0 to 65535 is expected');
    const target = await loadTarget(name).catch((error: Error) => {
      throw new UsageError(error.message);
    });
    const served = target.kinds ?? usualKinds;
    if (!served.includes(kind))
      throw new UsageError(`target ${name} does not serve the kind ${kind}; give --kind ${served.join(' or ')}`);
    const reason = target.unavailable?.();
    if (reason) throw new UsageError(`target ${name} is not available: ${reason}`);
    const running = await target.start({ kind, host, port }).catch((error: Error) => {
      throw new UsageError(`target ${name} cannot listen on port ${port}: ${error.message}`);
    });
    // Heard from before anybody is told of it.
    const stopped = new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
    const scheme = target.protocol === 'websocket' ? 'ws' : 'http';
    const said = `${name} ${kinds[kind].serverDoes}, on ${scheme}://${host}:${running.port} until Ctrl-C`;
    process.stdout.write([said, ...(notes[kind] ?? []), ''].join('\n'));
    await stopped;
    await running.close();
  },
};
