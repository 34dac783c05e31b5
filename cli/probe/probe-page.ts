/** Serves the page of a probe on the loopback address, at a path that cannot be guessed, until it is interrupted. */

import { randomBytes } from 'node:crypto';
import { pageJson } from '../../reports/drawing/escaping.js';
import { htmlDocument } from '../../reports/page/document.js';
import { pageScript } from '../../reports/page/script.js';
import { style } from '../../reports/page/style.js';
import { endingSignals } from '../interrupt.js';
import { eventsPath, type LiveEvent, LiveServer } from '../live/live-server.js';
import { openPage } from '../output/open-page.js';
import { PageConnections } from './page-connections.js';
import type { ConnectionForm } from './page-state.js';
import type { ProbeFlags } from './probe-flags.js';

const main = new URL('./client/main.js', import.meta.url);

const ownStyle = `
body { max-width: 110rem; }
.connections { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 23rem), 1fr)); align-items: start; }
section.connection { margin: 0; padding: 1rem; border: 1px solid var(--rule); border-radius: 8px; min-width: 0; }
.connections > section.connection { border-top: 1px solid var(--rule); margin-top: 0; }
.top { display: flex; flex-wrap: wrap; gap: 0.4rem; align-items: center; }
.top h2 { margin: 0 auto 0 0; font-size: 1.1rem; }
.status { font-weight: 600; color: var(--quiet); }
.status.ready { color: var(--c2); }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.field { display: block; margin: 0.5rem 0; min-width: 0; }
.field > span { display: block; font-size: 0.87rem; }
.field input, .field textarea, .field select { width: 100%; font: inherit; color: inherit; background: var(--back); border: 1px solid var(--quiet); border-radius: 6px; padding: 0.3rem 0.5rem; }
.field input, .field textarea { font-family: ui-monospace, monospace; font-size: 0.9rem; }
.field textarea { display: block; resize: vertical; }
::placeholder { color: var(--quiet); opacity: 1; }
.row { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 9rem), 1fr)); gap: 0 0.8rem; }
.check { display: block; margin: 0.5rem 0; }
button:disabled { color: var(--quiet); cursor: default; opacity: 0.6; }
fieldset:disabled input, fieldset:disabled textarea, fieldset:disabled select { background: var(--raised); color: var(--quiet); }
.connection th, .connection td { white-space: normal; padding-right: 0.7rem; }
.connection td.right { white-space: nowrap; }
.log { margin-top: 0.75rem; height: 20rem; overflow: auto; background: var(--raised); border-radius: 6px; padding: 0.5rem 0.7rem; font: 0.83rem/1.45 ui-monospace, monospace; }
.log ol { list-style: none; margin: 0; padding: 0; }
.log li { display: grid; grid-template-columns: auto 1.2em minmax(0, 1fr); gap: 0 0.4rem; }
.log li > span:last-child { white-space: pre-wrap; }
.log .sign { text-align: center; }
.log .sent { color: var(--link); }
.log .bad { color: var(--bad); }
[hidden] { display: none; }
@media (max-width: 30rem) { .log .sign { text-align: left; } .log li { grid-template-columns: auto minmax(0, 1fr); } .log li > span:last-child { grid-column: 1 / -1; margin-bottom: 0.3rem; } }
`;

export interface Page {
  readonly form: ConnectionForm;
  readonly flags: ProbeFlags;
  readonly port: number;
  readonly open: boolean;
}

/** @throws UsageError where the port cannot be had. */
export async function servePage({ form, flags, port, open }: Page): Promise<void> {
  const hosts = flags['allow-remote']
    ? 'Servers on other hosts are allowed, too.'
    : 'Only servers on this machine: start bench with --allow-remote for others.';
  const document = htmlDocument({
    title: 'bench probe',
    styles: [style, ownStyle],
    scripts: [pageScript(main)],
    data: pageJson({ form, hosts }, ['form']),
    events: eventsPath,
    isDrawn: 'draws its connections',
  });
  const path = `/${randomBytes(16).toString('hex')}/`;
  const server = await LiveServer.start({ document, port, flags: ['--page', '--port'], path });
  const connections = new PageConnections(flags, (event: LiveEvent) => server.tell(event));
  // Heard from before anybody is told of it.
  const stopped = new Promise((resolve) => {
    for (const name of endingSignals) process.once(name, resolve);
  });
  server.show(connections);
  process.stdout.write(`${server.url.href} until Ctrl-C\n`);
  if (open) openPage(server.url);
  await stopped;
  connections.close();
  server.stop();
}
