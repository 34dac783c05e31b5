/** An outage strikes clients behind a real proxy, and the way to a server is free again after it. */

import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { divideCores } from '../dist/runners/machine/cores.js';
import { ProxyProcess } from '../dist/runners/proxy/proxy-process.js';
import { strike } from '../dist/runners/server/server-under-test.js';
import { cleanups, loopback } from './fixtures/noting-client.js';

const never = new AbortController().signal;

async function echoServer(): Promise<{ server: WebSocketServer; port: number }> {
  const server = new WebSocketServer({ host: loopback, port: 0 });
  server.on('connection', (socket) => socket.on('error', () => {}).on('message', (data) => socket.send(`${data}`)));
  await once(server, 'listening');
  cleanups.push(() => end(server));
  return { server, port: (server.address() as { port: number }).port };
}

async function end(server: WebSocketServer): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  for (const socket of server.clients) socket.terminate();
  await closed;
}

async function world() {
  const { server, port } = await echoServer();
  const proxy = await ProxyProcess.start({ targetPort: port, host: loopback, alsoListen: [] }, divideCores());
  cleanups.push(() => proxy.stop());
  const client = new WebSocket(`ws://${loopback}:${proxy.port}`);
  client.on('error', () => {});
  cleanups.push(() => client.terminate());
  await once(client, 'open');
  return { server, proxy, closed: once(client, 'close') };
}

/** What a client hears back through the proxy; an error's message where it gets none. */
function echoed(port: number): Promise<string> {
  const client = new WebSocket(`ws://${loopback}:${port}`);
  cleanups.push(() => client.terminate());
  return new Promise((resolve) => {
    client.on('open', () => client.send('hello'));
    client.on('message', (data) => resolve(`${data}`));
    client.on('error', (error) => resolve(error.message));
  });
}

const untouched = {
  kill: () => Promise.reject(new Error('killed')),
  restart: () => Promise.reject(new Error('restarted')),
};

describe('an outage', () => {
  it('that resets cuts every connection, and leaves the server alone', async () => {
    const { proxy, closed } = await world();
    await strike({ how: 'reset' }, proxy, untouched, 10, never);
    expect((await closed)[0]).toBe(1006);
    expect(await echoed(proxy.port)).toBe('hello');
  });

  it('that restarts kills the server, resets who comes meanwhile, and leads to the fresh one', async () => {
    const { server, proxy, closed } = await world();
    let meanwhile = '';
    const handle = {
      kill: () => end(server),
      restart: async () => {
        expect((await closed)[0]).toBe(1006);
        meanwhile = await echoed(proxy.port);
        return (await echoServer()).port;
      },
    };
    await strike({ how: 'restart' }, proxy, handle, 10, never);
    expect(meanwhile).toMatch(/ECONNRESET|socket hang up/);
    // The proxy answers in order, so when it has answered this it knows the fresh server.
    await proxy.cutAll();
    expect(await echoed(proxy.port)).toBe('hello');
  });

  it('does not strike when the trial is given up before', async () => {
    const { proxy } = await world();
    const trial = new AbortController();
    const run = strike({ how: 'restart' }, proxy, untouched, 60_000, trial.signal);
    trial.abort(new Error('given up'));
    await expect(run).rejects.toThrow('given up');
    expect(await proxy.cutAll()).toBe(1);
  });

  it('does not start a server for a trial that is given up meanwhile', async () => {
    const { server, proxy } = await world();
    const trial = new AbortController();
    const handle = {
      ...untouched,
      kill: async () => {
        await end(server);
        trial.abort(new Error('given up'));
      },
    };
    await expect(strike({ how: 'restart' }, proxy, handle, 0, trial.signal)).rejects.toThrow('given up');
  });
});
