/** The command `bench serve`: runs one server alone. */

import { type Kind, kindNames, kinds, usualKinds } from '../../core/kind.js';
import { UsageError } from '../../runners/failure.js';
import { ServerProcess } from '../../runners/server/server-process.js';
import { command } from '../flags.js';
import { endingSignals } from '../interrupt.js';

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
    const refuse =
      (prefix = '') =>
      (error: Error): never => {
        throw new UsageError(`${prefix}${error.message}`);
      };
    const { server, target } = await ServerProcess.load({ target: name }, undefined, true).catch(refuse());
    // Heard from before anybody is told of it.
    const stopped = new Promise((resolve) => {
      for (const name of endingSignals) process.once(name, resolve);
    });
    try {
      const served = target.kinds ?? usualKinds;
      if (!served.includes(kind))
        throw new UsageError(`target ${name} does not serve the kind ${kind}; give --kind ${served.join(' or ')}`);
      if (target.unavailable) throw new UsageError(`target ${name} is not available: ${target.unavailable}`);
      const listening = server.listen({ kind, host, port, alsoListen: [] });
      await listening.catch(refuse(`target ${name} cannot listen on port ${port}: `));
      const scheme = target.protocol === 'websocket' ? 'ws' : 'http';
      const { serverDoes, note } = kinds[kind];
      const said = `${name} ${serverDoes}, on ${scheme}://${host}:${server.port} until Ctrl-C`;
      process.stdout.write([said, ...(note ? [note] : []), ''].join('\n'));
      await Promise.race([stopped, server.died]).catch(refuse());
    } finally {
      await server.stop();
    }
  },
});
