/** The command `bench serve`: runs one server alone. */

import { type Kind, kindNames, kinds, usualKinds } from '../../core/kind.js';
import { UsageError } from '../../runners/failure.js';
import { loadTarget } from '../../runners/target-catalogue.js';
import { command } from '../flags.js';

const host = '127.0.0.1';

export const serveCommand = command({
  command: 'serve <target>',
  describe: 'Run one server alone, for looking at it with other tools',
  builder: (yargs) =>
    yargs
      .positional('target', { type: 'string', demandOption: true, describe: 'A target (see `bench targets`)' })
      .option('kind', { choices: kindNames, default: 'echo' as Kind, describe: 'What the server does with a message' })
      .option('port', { type: 'number', default: 0, describe: 'Port to listen on; 0 = any that is free' })
      .example('$0 serve ws --kind broadcast --port 8080', 'until Ctrl-C'),
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
    const { serverDoes, note } = kinds[kind];
    const said = `${name} ${serverDoes}, on ${scheme}://${host}:${running.port} until Ctrl-C`;
    process.stdout.write([said, ...(note ? [note] : []), ''].join('\n'));
    await stopped;
    await running.close();
  },
});
