/** The proxy between clients and server: what passes, how it ends connections, where it leads new ones. */

import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { divideCores } from '../dist/runners/machine/cores.js';
import { ProxyProcess } from '../dist/runners/proxy/proxy-process.js';
import { cleanups, loopback } from './fixtures/noting-client.js';
import { get, plainWebSocket, proxyTo, RawClient, tcp, webSocketServer } from './fixtures/proxied.js';
import { listening } from './fixtures/raw-server.js';

const echo = (socket: Socket): void => void socket.pipe(socket);

describe('a proxy', () => {
  it('passes everything on, unchanged, in both directions', async () => {
    const proxy = await proxyTo(await tcp(echo));
    const sent = Buffer.alloc(4_000_000, 'a whole paragraph, over and over; ');
    const client = new RawClient(proxy.port);
    client.socket.end(sent);
    await client.closed;
    expect(client.ended).toBe('end');
    expect(client.heard === sent.toString('latin1')).toBe(true);
  });

  it('lets plain WebSockets through', async () => {
    const { port } = await webSocketServer();
    expect(await plainWebSocket((await proxyTo(port)).port)).toBe('heard hello');
  });

  it('lets the server answer a client that has ended its half', async () => {
    const proxy = await proxyTo(
      await tcp((socket) => {
        let bytes = 0;
        socket.on('data', (chunk) => {
          bytes += chunk.length;
        });
        socket.on('end', () => socket.end(`${bytes} bytes`));
      }),
    );
    const client = new RawClient(proxy.port);
    client.socket.end('hello');
    await client.closed;
    expect(client.heard).toBe('5 bytes');
  });

  it.skipIf(process.platform !== 'linux')('reaches the server at each address that it listens on', async () => {
    const server = createServer((socket) => void socket.end(`${socket.localAddress}`));
    const targetPort = await new Promise<number>((resolve) =>
      server.listen(0, '0.0.0.0', () => resolve((server.address() as { port: number }).port)),
    );
    cleanups.push(() => server.close());
    const request = { targetPort, host: loopback, alsoListen: ['127.0.0.2', '127.0.0.3'] };
    const proxy = await ProxyProcess.start(request, divideCores());
    cleanups.push(() => proxy.stop());
    for (const host of [loopback, '127.0.0.2', '127.0.0.3']) {
      const client = new RawClient(proxy.port, host);
      await client.closed;
      expect(client.heard).toBe(host);
    }
  });

  it('says in a sentence why it cannot listen', async () => {
    const request = { targetPort: 1, host: '192.0.2.1', alsoListen: [] };
    await expect(ProxyProcess.start(request, divideCores())).rejects.toThrow(
      /^the proxy could not listen: .*EADDRNOTAVAIL/,
    );
  });

  it('resets a client when the server refuses', async () => {
    const server = createServer();
    const port = await listening(server);
    await cleanups.pop()?.();
    const client = new RawClient((await proxyTo(port)).port);
    await client.closed;
    expect(client.ended).toBe('ECONNRESET');
  });

  it('passes a reset on, from either side', async () => {
    const sockets: Socket[] = [];
    const proxy = await proxyTo(await tcp((socket) => void sockets.push(socket)));
    const first = new RawClient(proxy.port);
    await vi.waitFor(() => expect(sockets).toHaveLength(1), 10_000);
    sockets[0]!.resetAndDestroy();
    await first.closed;
    expect(first.ended).toBe('ECONNRESET');

    const second = new RawClient(proxy.port);
    await vi.waitFor(() => expect(sockets).toHaveLength(2), 10_000);
    const gone = once(sockets[1]!, 'error');
    second.socket.resetAndDestroy();
    expect((await gone)[0]).toMatchObject({ code: 'ECONNRESET' });
  });

  it('ends its clients when the server is killed, and leads new ones to another', async () => {
    const script =
      'const s = require("net").createServer((c) => c.on("error", () => {}).pipe(c));' +
      's.listen(0, "127.0.0.1", () => console.log(s.address().port));';
    const server = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    cleanups.push(() => server.kill('SIGKILL'));
    const proxy = await proxyTo(Number(`${(await once(server.stdout, 'data'))[0]}`));
    const clients = Array.from({ length: 5 }, () => new RawClient(proxy.port));
    for (const client of clients) {
      client.socket.write('hello');
      await client.hears(/hello/);
    }
    server.kill('SIGKILL');
    await Promise.all(clients.map(({ closed }) => closed));

    const early = new RawClient(proxy.port);
    await early.closed;
    expect(early.ended).toBe('ECONNRESET');

    proxy.retarget(await tcp(echo));
    await proxy.cutAll();
    const late = new RawClient(proxy.port);
    late.socket.write('hello');
    await late.hears(/hello/);
  });

  it('dies with its parent, and not by a Ctrl-C', async () => {
    const hostPath = fileURLToPath(new URL('../dist/runners/proxy/proxy-host.js', import.meta.url));
    const request = { targetPort: await tcp(echo), host: loopback, alsoListen: [] };
    const child = fork(hostPath, [JSON.stringify(request)], { stdio: 'inherit' });
    cleanups.push(() => child.kill('SIGKILL'));
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    child.kill('SIGINT');
    const client = new RawClient(port);
    client.socket.write('hello');
    await client.hears(/hello/);
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

describe('cutting all connections', () => {
  it('resets both sides of each, and new ones are welcome', async () => {
    const { server, port } = await webSocketServer();
    const proxy = await proxyTo(port);
    const closed: Promise<unknown[]>[] = [];
    server.on('connection', (socket) => closed.push(once(socket, 'close')));
    for (let i = 0; i < 4; i++) {
      const client = new WebSocket(`ws://${loopback}:${proxy.port}`);
      client.on('error', () => {});
      await once(client, 'open');
      closed.push(once(client, 'close'));
    }
    const raw = new RawClient(proxy.port);
    raw.socket.write(get);
    await raw.hears(/^HTTP\/1\.1 /);

    expect(await proxy.cutAll()).toBe(5);
    expect(closed).toHaveLength(8);
    for (const [code] of await Promise.all(closed)) expect(code).toBe(1006);
    await raw.closed;
    expect(raw.ended).toBe('ECONNRESET');
    expect(await proxy.cutAll()).toBe(0);
    expect(await plainWebSocket(proxy.port)).toBe('heard hello');
  });

  it('does not wait for a client that reads nothing', async () => {
    let gone: Promise<unknown> | undefined;
    const proxy = await proxyTo(
      await tcp((socket) => {
        gone = new Promise((resolve) => socket.once('close', resolve));
        socket.write(Buffer.alloc(20_000_000));
      }),
    );
    const client = connect({ port: proxy.port, host: loopback });
    cleanups.push(() => client.destroy());
    client.on('error', () => {});
    client.pause();
    await vi.waitFor(() => expect(gone).toBeDefined(), 10_000);
    expect(await proxy.cutAll()).toBe(1);
    await gone;
  });
});
