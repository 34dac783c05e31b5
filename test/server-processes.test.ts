/** Servers of several processes: what each part uses is read apart, a message reaches all of them, and one that ends is told. */

import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { monotonicClock } from '../dist/runners/machine/monotonic-clock.js';
import { loadTarget } from '../dist/runners/server/load-target.js';
import { ServerProcess } from '../dist/runners/server/server-process.js';
import { ended, notPinned } from './fixtures/processes.js';

const names = ['socketio-cluster', 'socketio-redis', 'socketio-redis-streams', 'ws-redis', 'uws-cluster'];
const targets = await Promise.all(names.map(async (name) => ({ name, target: await loadTarget(name) })));
const here = targets.filter(({ target }) => target.unavailable?.() === undefined);
const request = { kind: 'broadcast', host: '127.0.0.1', port: 0, alsoListen: [] } as const;

describe.each(here)('$name', ({ name }) => {
  it('says how many processes it has, tells apart what stands beside them, and leaves none behind', async () => {
    const server = await ServerProcess.start({ target: name, processes: 3, ...request }, notPinned);
    expect(server.settings).toMatchObject({ processes: 3 });
    const hasRedis = name.includes('redis');
    expect(server.pids).toHaveLength((hasRedis ? 3 : 1) + 1);
    const fromUs = monotonicClock().nowUs();
    const measured = server.measure(fromUs, fromUs + 1_000_000, 10_000);
    for (let i = 0; i < 30; i++) await fetch(`http://127.0.0.1:${server.port}/health`);
    const reading = await measured;
    expect(reading.cpuUs).toBeGreaterThan(0);
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
    const server = await ServerProcess.start({ target: 'ws-redis', processes: 3, ...request }, notPinned);
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
