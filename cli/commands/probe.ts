/** The command `bench probe`: opens one connection to a server and says what it found. */

import { jsonText } from '../../reports/drawing/escaping.js';
import { UsageError } from '../../runners/failure.js';
import { openSession } from '../../runners/probe/open-session.js';
import { probe } from '../../runners/probe/probe.js';
import type { Session } from '../../runners/probe/session.js';
import type { SessionEvent } from '../../runners/probe/session-event.js';
import { command } from '../flags.js';
import { useByHand } from '../probe/interactive.js';
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
      .option('interactive', {
        type: 'boolean',
        describe: 'Send and receive by hand, or by the lines of a pipe; type help',
      })
      .example('$0 probe http://localhost:3000 --emit "chat message"', 'how long until the event comes back')
      .example('$0 probe http://localhost:3000 --interactive', 'emit join {"room":"a"}, and see what comes')
      .epilogue(
        '\nExit codes: 0 everything that was asked works, 2 no connection, no answer, or\na mistake in the flags.',
      ),
  handler: async ({ url, json, interactive, ...flags }) => {
    const { endpoint, request } = await probedServer(url, flags);
    if (interactive) {
      if (json) throw new UsageError('--json prints a probe; leave it out with --interactive');
      const { listenMs } = request;
      const open = (tell: (event: SessionEvent) => void): Session => openSession({ endpoint, ...request }, tell);
      process.exitCode = await useByHand({ url: request.url, listenMs, screen: standardScreen(), open });
      return;
    }
    const report = await probe(endpoint, request);
    process.stdout.write(json ? jsonText(report) : probeText(report, standardScreen()));
    if (report.failure !== undefined) throw new UsageError(report.failure);
  },
});
