/** The command `bench probe`: opens one connection to a server and says what it found. */

import { jsonText } from '../../reports/drawing/escaping.js';
import { UsageError } from '../../runners/failure.js';
import { probe } from '../../runners/probe/probe.js';
import { command } from '../flags.js';
import { probedServer, probeOptions } from '../probe/probe-flags.js';
import { probeText } from '../probe/probe-text.js';
import { standardScreen } from '../screen.js';

export const probeCommand = command({
  command: 'probe <url>',
  describe: 'Open one connection to a server and say what works: stages, settings, transports, round trips',
  builder: (yargs) =>
    yargs
      .positional('url', {
        type: 'string',
        demandOption: true,
        describe:
          'http:// or https:// of Socket.IO, where the path is the namespace; ws:// or wss:// of plain WebSocket',
      })
      .options(probeOptions)
      .option('json', { type: 'boolean', describe: 'The same as JSON, for scripts' })
      .example('$0 probe http://localhost:3000', 'a Socket.IO server: exit code 0 if a connection can be opened')
      .example('$0 probe http://localhost:3000 --emit "chat message"', 'how long until the event comes back')
      .epilogue(
        '\nExit codes: 0 everything that was asked works, 2 no connection, no answer, or\na mistake in the flags.',
      ),
  handler: async ({ url, json, ...flags }) => {
    const { endpoint, request } = await probedServer(url, flags);
    const report = await probe(endpoint, request);
    process.stdout.write(json ? jsonText(report) : probeText(report, standardScreen()));
    if (report.failure !== undefined) throw new UsageError(report.failure);
  },
});
