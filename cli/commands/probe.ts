/** The command `bench probe`: opens one connection to a server and says what it found, or lets somebody use connections by hand. */

import { jsonText } from '../../reports/drawing/escaping.js';
import { UsageError } from '../../runners/failure.js';
import { openSession } from '../../runners/probe/open-session.js';
import { probe } from '../../runners/probe/probe.js';
import { command } from '../flags.js';
import { useByHand } from '../probe/interactive.js';
import { formFrom, probedServer, probeOptions } from '../probe/probe-flags.js';
import { servePage } from '../probe/probe-page.js';
import { probeText } from '../probe/probe-text.js';
import { standardScreen } from '../screen.js';

/** What a probe does; a page or a line by hand takes the place of what is printed. */
const ways = ['json', 'interactive', 'page'] as const;

export const probeCommand = command({
  command: 'probe [url]',
  describe: 'Open one connection to a server and say what works, or send and receive by hand',
  builder: (yargs) =>
    yargs
      .positional('url', {
        type: 'string',
        describe:
          'http:// or https:// of Socket.IO, where the path is the namespace; ws:// or wss:// of plain WebSocket',
      })
      .options(probeOptions)
      .option('json', { type: 'boolean', describe: 'The same as JSON, for scripts' })
      .option('interactive', {
        type: 'boolean',
        describe: 'Send and receive by hand, or by the lines of a pipe; type help',
      })
      .option('page', { type: 'boolean', describe: 'The same as a page on 127.0.0.1, for several connections' })
      .option('port', { type: 'number', describe: 'Port of --page (default: any that is free)' })
      .option('open', { type: 'boolean', describe: 'Show the page in the browser' })
      .example('$0 probe http://localhost:3000', 'a Socket.IO server: exit code 0 if a connection can be opened')
      .example('$0 probe http://localhost:3000 --emit "chat message"', 'how long until the event comes back')
      .example('$0 probe http://localhost:3000 --interactive', 'emit join {"room":"a"}, and see what comes')
      .example('$0 probe --page', 'a page to try servers with, until Ctrl-C')
      .epilogue(
        '\nExit codes: 0 everything that was asked works, 2 no connection, no answer, or\na mistake in the flags.',
      ),
  handler: async ({ url, json, interactive, page, port, open, ...flags }) => {
    const asked = ways.filter((way) => ({ json, interactive, page })[way]);
    if (asked.length > 1) throw new UsageError(`--${asked.join(' and --')} exclude each other; leave one out`);
    if (!page && (port !== undefined || open)) throw new UsageError(`--${open ? 'open' : 'port'} goes with --page`);
    if (page) {
      if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
        throw new UsageError('--port: a whole number from 0 to 65535 is expected');
      await servePage({ form: formFrom(url, flags), flags, port: port ?? 0, open: open === true });
      return;
    }
    if (url === undefined) throw new UsageError('which server? Write its URL: bench probe http://localhost:3000');
    const { endpoint, request } = await probedServer(url, flags);
    if (interactive) {
      process.exitCode = await useByHand({
        url: request.url,
        listenMs: request.listenMs,
        screen: standardScreen(),
        open: (tell) => openSession({ endpoint, ...request }, tell),
      });
      return;
    }
    const report = await probe(endpoint, request);
    process.stdout.write(json ? jsonText(report) : probeText(report, standardScreen()));
    if (report.failure !== undefined) throw new UsageError(report.failure);
  },
});
