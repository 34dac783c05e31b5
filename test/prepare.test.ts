/** Proves which targets take part in a run, and what is said of those for which its question makes no sense. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Scenario, Workload } from '../dist/core/scenario.js';
import type { SearchSettings } from '../dist/core/workload/search-settings.js';
import { prepare } from '../dist/runners/run/prepare.js';
import { loadTarget } from '../dist/runners/server/load-target.js';
import { temporaryFolder } from './bench-command.js';

const workload: Workload = {
  kind: 'push',
  connections: 5,
  publishers: 0,
  load: { model: 'open', ratePerSecond: 10, arrivals: 'constant' },
  payload: { sizeBytes: 64, type: 'text' },
  phases: { warmupMs: 0, measureMs: 1000, drainMs: 1000 },
  connect: { ratePerSecond: 1000, timeoutMs: 1000 },
};
const recovering: Workload = { ...workload, outage: { how: 'reset', afterMs: 100, recovery: true } };

const bun = await loadTarget('bun');
const settings: SearchSettings = {
  ...{ over: 'connections', objective: [], from: 1, to: 2, precision: 0.1, confirmations: 1, furtherServers: 1 },
  ...{ eachPerSecond: 1, allPublish: true, budgetMs: 1000 },
};

const scenarioOf = (own: Partial<Scenario>): Scenario => ({
  name: 'x',
  question: '',
  targets: ['ws'],
  workloads: [workload],
  trials: 1,
  ...own,
});

/** The path of a server module that serves these kinds, or does not say which; it can be started. */
function serverModule(kinds?: readonly string[]): string {
  const path = join(temporaryFolder(), 'server.mjs');
  const said = kinds ? `kinds: ${JSON.stringify(kinds)}, ` : '';
  writeFileSync(
    path,
    `import { createServer } from 'node:net';
async function start({ host, port }) {
  const server = createServer();
  await new Promise((listening) => server.listen(port, host, listening));
  return { port: server.address().port, settings: {}, push() {}, close: async () => server.close() };
}
export default { protocol: 'websocket', transport: 'websocket', library: 'ws', ${said}start };\n`,
  );
  return path;
}

describe('a target that does not serve the kind', () => {
  it('is left out with the reason', async () => {
    const [silent, able] = [serverModule(), serverModule(['echo', 'push'])];
    const { participants, unavailable } = await prepare(scenarioOf({ targets: [silent, able] }), []);
    expect([...participants.keys()]).toEqual([able]);
    expect(unavailable).toEqual({
      [silent]: 'it does not serve push: its module says nothing of kinds, which means echo and broadcast',
    });
  });

  it('is a problem when the user asked for it', async () => {
    const path = serverModule(['echo', 'ack']);
    await expect(prepare(scenarioOf({ targets: [path] }), [path])).rejects.toThrow(
      `target ${path} is not available: it does not serve push: its module says kinds: echo, ack`,
    );
  });

  it('takes part in what every module serves', async () => {
    const path = serverModule();
    const echo: Workload = { ...workload, kind: 'echo', publishers: 5 };
    const { participants } = await prepare(scenarioOf({ targets: [path], workloads: [echo] }), [path]);
    expect([...participants.keys()]).toEqual([path]);
  });
});

it.each([
  ['a server module', serverModule(['echo'])],
  ...(bun.unavailable?.() === undefined ? [['a target of bench', 'bun']] : []),
])('%s that listens on one address only is refused where a search may need more', async (_, target) => {
  const echo: Workload = { ...workload, kind: 'echo', publishers: 5 };
  const search = { ...settings, from: 5, to: 8_001 } as const;
  const scenario = scenarioOf({ targets: [target!], workloads: [echo], search });
  await expect(prepare(scenario, [])).rejects.toThrow(
    /^start\(\) of .* failed: it can listen on one address only.* need 2 addresses; ask for fewer \(--connections, or --to of a search\)/,
  );
});

describe('recovery of sessions', () => {
  const targets = ['ws', 'socketio-websocket'];

  it('is for Socket.IO and its library client', async () => {
    const { participants, unavailable } = await prepare(scenarioOf({ targets, workloads: [recovering] }), []);
    expect([...participants].map(([name, { factory }]) => [name, factory.name])).toEqual([
      ['socketio-websocket', 'library'],
    ]);
    expect(unavailable).toEqual({ ws: 'plain WebSocket has no session to recover' });
  });

  it('is refused with the wire client, once', async () => {
    const wire = scenarioOf({ targets, workloads: [recovering], client: 'wire' });
    await expect(prepare(wire, [])).rejects.toThrow(
      /^The wire client cannot take up an old session.*library client\.$/,
    );
  });

  it('is not asked of an outage without it', async () => {
    const reset: Workload = { ...recovering, outage: { how: 'reset', afterMs: 100, recovery: false } };
    const { participants } = await prepare(scenarioOf({ targets, workloads: [reset], client: 'wire' }), []);
    expect([...participants.values()].map(({ factory }) => factory.name)).toEqual(['wire', 'wire']);
  });
});

describe('a blocked upgrade to WebSocket', () => {
  const targets = ['socketio', 'socketio-websocket'];
  const workloads: Workload[] = [{ ...workload, blocking: 'refuse' }];

  it('is for the library client where the connection stays on long-polling', async () => {
    const { participants } = await prepare(scenarioOf({ targets, workloads }), []);
    expect([...participants].map(([name, { factory }]) => [name, factory.name])).toEqual([
      ['socketio', 'library'],
      ['socketio-websocket', 'wire'],
    ]);
  });

  it('is refused with the wire client', async () => {
    await expect(prepare(scenarioOf({ targets, workloads, client: 'wire' }), [])).rejects.toThrow(
      /^target socketio: the wire client cannot stay on long-polling; use the library client\.$/,
    );
  });
});
