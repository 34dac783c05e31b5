/** Servers of several processes: what each part uses is read apart, a message reaches all of them, and one that ends is told. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { valuesByKey } from '../dist/reports/group-by.js';
import { processTree } from '../dist/runners/machine/core-time.js';
import { divideCores, parseCoreList } from '../dist/runners/machine/cores.js';
import { monotonicClock } from '../dist/runners/machine/monotonic-clock.js';
import { addressesOf, prepare } from '../dist/runners/run/prepare.js';
import { runTrial } from '../dist/runners/run/trial-run.js';
import { loadTarget } from '../dist/runners/server/load-target.js';
import { ServerProcess } from '../dist/runners/server/server-process.js';
import { WorkerPool } from '../dist/runners/workers/worker-pool.js';
import { workloadOf } from './agents.js';
import { ended, notPinned } from './fixtures/processes.js';

const names = ['socketio-cluster', 'socketio-redis', 'socketio-redis-streams', 'ws-redis', 'uws-cluster'];
const targets = await Promise.all(names.map(async (name) => ({ name, target: await loadTarget(name) })));
const here = targets.filter(({ target }) => target.unavailable?.() === undefined);
const request = { kind: 'broadcast', host: '127.0.0.1', port: 0, alsoListen: [] } as const;

/** As on a machine of more cores than this one may have; undefined where nothing can be pinned. */
const { server: first, runners } = divideCores();
const several = first && {
  ...{ server: [...first, ...runners.slice(0, 1)], beside: runners.slice(0, 1), runners: runners.slice(0, 1) },
  ...{ keepAwake: false, description: '' },
};

/** The cores on which the processes of a server may run, with what stands beside them, by their command (proc(5)). */
function placesOf(server: ServerProcess): Readonly<Record<string, readonly number[]>> {
  const places = server.pids.flatMap(processTree).map((pid) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [, name = ''] = /^Name:\s+(.+)$/m.exec(status) ?? [];
    // Node 24 names its main thread.
    const command = name === 'MainThread' ? 'node' : name;
    return [command, /^Cpus_allowed_list:\s+(.+)$/m.exec(status)?.[1] ?? ''] as const;
  });
  // A shell only waits for the end of bench, and has nothing to do until then.
  const working = places.filter(([command]) => command !== 'sh');
  return Object.fromEntries(
    [...valuesByKey(working)].map(([command, lists]) => [command, [...lists].flatMap(parseCoreList)]),
  );
}

describe.each(here)('$name', ({ name }) => {
  it('says how many processes it has, tells apart what stands beside them, and leaves none behind', async () => {
    const asked = { ...request, target: name, processes: 3, alsoListen: ['127.0.0.2'] };
    const server = await ServerProcess.start(asked, several ?? notPinned);
    expect(server.settings).toMatchObject({ processes: 3 });
    // Whatever it started, and whatever these did.
    if (several)
      expect(placesOf(server)).toEqual({
        node: several.server,
        ...(name.includes('redis') && { 'redis-server': several.beside, haproxy: several.beside }),
      });
    const hasRedis = name.includes('redis');
    expect(server.pids).toHaveLength((hasRedis ? 3 : 1) + 1);
    const fromUs = monotonicClock().nowUs();
    const measured = server.measure(fromUs, fromUs + 1_000_000, 10_000);
    for (let i = 0; i < 30; i++) await fetch(`http://127.0.0.${1 + (i % 2)}:${server.port}/health`);
    const reading = await measured;
    expect(reading.cpuUs).toBeGreaterThan(0);
    const { process: busiest, cpuUs } = reading.busiestThread!;
    expect(busiest).toMatch(hasRedis ? /^(process [123] of 3|Redis|HAProxy)$/ : /^(the primary|worker [123] of 3)$/);
    expect(cpuUs).toBeGreaterThan(0);
    // Three of Node.js, at least.
    expect(reading.rssBytes).toBeGreaterThan(3 * 30 * 2 ** 20);
    expect(Object.keys(reading.beside ?? {}).toSorted()).toEqual(hasRedis ? ['proxy', 'redis'] : []);
    if (reading.beside) {
      expect(reading.beside.proxy?.cpuUs).toBeGreaterThan(0);
      expect(reading.beside.redis?.rssBytes).toBeGreaterThan(2 ** 20);
    }
    // Without a word to it, as when bench is killed.
    process.kill(server.pid, 'SIGKILL');
    await server.gone;
    expect(await Promise.all(server.pids.map(ended))).not.toContain(false);
  });
});

describe.skipIf(!here.some(({ name }) => name === 'ws-redis'))('a process of several', () => {
  it('that ends by itself ends the trial, and is told with how', async () => {
    const server = await ServerProcess.start({ target: 'ws-redis', ...request }, notPinned);
    process.kill(server.pids[1] ?? 0, 'SIGKILL');
    await expect(server.died).rejects.toThrow(/the server program .*ws-replica\.js of .* ended with SIGKILL/);
    await server.gone;
  });

  it('passes on what one connection sends to those of the others', async () => {
    const plan = divideCores({ server: 3, hasCompanions: true });
    const server = await ServerProcess.start({ target: 'ws-redis', processes: 3, ...request }, plan);
    const { server: own, beside = own } = plan;
    if (own) expect(placesOf(server)).toEqual({ node: own, 'redis-server': beside, haproxy: beside });
    const sockets = Array.from({ length: 6 }, () => new WebSocket(`ws://127.0.0.1:${server.port}`));
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('open', resolve))));
    const heard = sockets.map(
      (socket) => new Promise((resolve) => socket.once('message', (data) => resolve(String(data)))),
    );
    sockets[0]?.send('to all');
    expect(await Promise.all(heard)).toEqual(Array(6).fill('to all'));
    for (const socket of sockets) socket.terminate();
    await server.stop();
  });
});

describe.skipIf(several === undefined || !here.some(({ name }) => name === 'ws-redis'))('a trial of several', () => {
  it('says how many cores they had, and that there were fewer of these than of them', async () => {
    const workload = workloadOf('broadcast');
    const options = { processes: 3 };
    const labelled = [{ label: 'three', use: 'ws-redis', options }];
    const scenario = { name: 'x', question: '', targets: ['three'], labelled, workloads: [workload], trials: 1 };
    const { participants } = await prepare(scenario, []);
    const participant = participants.get('three')!;
    expect(participant.serverCores).toBe(3);
    const pool = new WorkerPool();
    const trial = { id: 1, block: 0, target: 'three', workload, seed: 7 };
    const sides = [{ trial, participant, addresses: addressesOf(workload, participant) }] as const;
    const setup = { sides, workers: 1, pool, cores: several!, clock: monotonicClock() };
    const { lines } = await runTrial(setup, 1, new AbortController().signal);
    await pool.dismiss();
    const [{ counts, server, doubts }] = lines;
    expect(counts).toMatchObject({ sent: 30, delivered: 240, lost: 0 });
    expect(server).toMatchObject({ cores: several!.server.length, coresBeside: 1 });
    // Of all cores of the server, Redis' among them.
    expect(server?.othersShare).toBeDefined();
    expect(doubts).toContainEqual({ code: 'processes-share-cores', processes: 3, cores: several!.server.length });
  });
});
