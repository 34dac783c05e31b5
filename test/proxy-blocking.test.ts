/** What a proxy that blocks WebSockets lets through, what it does to an upgrade, and what it survives. */

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { io } from 'socket.io-client';
import { describe, expect, it } from 'vitest';
import { blockings } from '../dist/core/workload/optional-fields.js';
import { divideCores } from '../dist/runners/machine/cores.js';
import { ProxyProcess } from '../dist/runners/proxy/proxy-process.js';
import { cleanups, loopback } from './fixtures/noting-client.js';
import {
  get,
  http,
  plainWebSocket,
  proxyTo,
  RawClient,
  tcp,
  upgradeHead,
  webSocketServer,
} from './fixtures/proxied.js';
import { socketio } from './fixtures/socketio-server.js';

describe.each(blockings)('a proxy that blocks WebSockets (%s)', (blocking) => {
  it('lets no message of a plain WebSocket through', async () => {
    const { server, port } = await webSocketServer();
    let reached = 0;
    let messages = 0;
    server.on('connection', (socket) => {
      reached++;
      socket.on('message', () => messages++);
    });
    const proxy = await proxyTo(port, blocking);
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => plainWebSocket(proxy.port, 500)));
    const expected = {
      refuse: /^Unexpected server response: 403$/,
      swallow: /^Opening handshake has timed out$/,
      cut: /^closed 1006$|ECONNRESET|EPIPE/,
    }[blocking];
    for (const outcome of outcomes) expect(outcome).toMatch(expected);
    expect([reached, messages]).toEqual([blocking === 'cut' ? 5 : 0, 0]);
  });

  it('leaves polling to Socket.IO', async () => {
    const port = await socketio((io) => {
      io.on('connection', (socket) => socket.on('echo', (text, answer) => answer(text)));
    });
    // A process of its own: a client that disconnects still sends its goodbye, to whoever has the port then.
    const request = { targetPort: port, host: loopback, alsoListen: [], blocking };
    const proxy = await ProxyProcess.start(request, divideCores());
    cleanups.push(() => proxy.stop());
    const client = io(`http://${loopback}:${proxy.port}`, { reconnection: false, forceNew: true });
    cleanups.push(() => client.disconnect());
    const { engine } = client.io;
    const failed = new Promise<void>((resolve) => engine.once('upgradeError', () => resolve()));
    expect(await client.emitWithAck('echo', 'hello')).toBe('hello');
    if (blocking !== 'swallow') await failed;
    expect(await client.emitWithAck('echo', 'hello again')).toBe('hello again');
    expect(engine.transport.name).toBe('polling');
  });

  it('finds an upgrade that comes after other requests on the same connection', async () => {
    const { port, bodies } = await http();
    const proxy = await proxyTo(port, blocking);
    const client = new RawClient(proxy.port);
    const chunked = `${upgradeHead.length.toString(16)}\r\n${upgradeHead}\r\n0\r\nUpgrade: websocket\r\n\r\n`;
    const requests = [
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${upgradeHead.length}\r\n\r\n${upgradeHead}`,
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}`,
      get,
    ];
    for (const [i, request] of requests.entries()) {
      client.socket.write(request.slice(0, 30));
      await new Promise((resolve) => setImmediate(resolve));
      client.socket.write(request.slice(30));
      await client.hears(/\[\d+\]/g, i + 1);
    }
    expect(bodies).toEqual([upgradeHead, upgradeHead, '']);
    const before = client.heard.length;
    client.socket.write(upgradeHead.slice(0, 60));
    await new Promise((resolve) => setImmediate(resolve));
    client.socket.write(upgradeHead.slice(60));
    // This server does not know WebSockets: it answers like to any request. A swallowed upgrade has no answer, ever.
    if (blocking === 'cut') await client.hears(/\[\d+\]/g, 4);
    else if (blocking === 'refuse') await client.closed;
    else client.socket.end();
    if (blocking !== 'cut') {
      await client.closed;
      expect(client.heard.slice(before)).toMatch(blocking === 'refuse' ? /^HTTP\/1\.1 403 Forbidden\r\n/ : /^$/);
      expect(bodies).toHaveLength(3);
    }
  });

  it('survives hostile bytes and goes on to serve', async () => {
    const { port } = await http();
    const proxy = await proxyTo(port, blocking);
    const noise = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * i * 31 + (i >> 3)) & 0xff));
    const malformed = [
      noise,
      'a'.repeat(1_000_000),
      `GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(10_000)}`,
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
      '\r\n\r\n\r\n',
    ];
    for (const bytes of malformed) {
      const client = new RawClient(proxy.port);
      client.socket.end(bytes);
      await client.closed;
      expect(client.heard).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    }
    // These end for one reason or another; what counts is that the proxy lives.
    const brokenOff = [
      '',
      'GET / HT',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999\r\n\r\ntoo little',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\ntoo little',
      upgradeHead.repeat(200),
      get + upgradeHead + get,
    ];
    for (const bytes of brokenOff) {
      const client = new RawClient(proxy.port);
      client.socket.end(bytes);
      await client.closed;
    }
    const pipelining = new RawClient(proxy.port);
    pipelining.socket.write(get.repeat(200));
    await pipelining.hears(/\[0\]/g, 200);
    const abrupt = new RawClient(proxy.port);
    await once(abrupt.socket, 'connect');
    abrupt.socket.write('GET / HT');
    abrupt.socket.resetAndDestroy();

    const client = new RawClient(proxy.port);
    client.socket.write(get);
    await client.hears(/\[0\]/);
    expect(await proxy.cutAll()).toBeGreaterThan(0);
  });
});

describe('a proxy that cuts WebSockets', () => {
  const agreed = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';

  it.each([
    ['in one piece', [`${agreed}a frame`]],
    ['in pieces', [agreed.slice(0, 20), agreed.slice(20, -2), `${agreed.slice(-2)}a frame`]],
    ['after an interim one', [`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${agreed}a frame`]],
  ])('passes the answer of the server and nothing after it, when it comes %s', async (_, pieces) => {
    let gone: Promise<unknown> | undefined;
    const port = await tcp((socket) => {
      gone = new Promise((resolve) => socket.once('close', resolve));
      socket.setNoDelay(true);
      socket.once('data', async (bytes) => {
        expect(`${bytes}`).toBe(upgradeHead);
        for (const piece of pieces) {
          socket.write(piece);
          await new Promise((resolve) => setImmediate(resolve));
        }
      });
    });
    const client = new RawClient((await proxyTo(port, 'cut')).port);
    client.socket.write(upgradeHead);
    await client.closed;
    await gone;
    expect(client.heard).toBe(pieces.join('').replace('a frame', ''));
  });

  it.each([
    ['hangs up', (socket: Socket) => socket.end()],
    ['hangs up within it', (socket: Socket) => socket.end('HTTP/1.1 101 Switch')],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
    ['speaks another protocol', (socket: Socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n\r\n')],
    ['never ends its head', (socket: Socket) => socket.write('a'.repeat(1_000_000))],
  ])('ends both sides when the server does not answer but %s', async (_, act) => {
    let gone: Promise<unknown> | undefined;
    const port = await tcp((socket) => {
      gone = new Promise((resolve) => socket.once('close', resolve));
      socket.once('data', () => act(socket));
    });
    const client = new RawClient((await proxyTo(port, 'cut')).port);
    client.socket.write(upgradeHead);
    await client.closed;
    await gone;
    expect(client.heard).toBe('');
  });

  it('passes a refusal of the server on, and the requests that follow', async () => {
    const { port, bodies } = await http();
    const client = new RawClient((await proxyTo(port, 'cut')).port);
    const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello';
    // What comes with the upgrade waits for its answer.
    client.socket.write(upgradeHead + get);
    await client.hears(/\[\d+\]/g, 2);
    for (const [i, request] of [post, upgradeHead].entries()) {
      client.socket.write(request);
      await client.hears(/\[\d+\]/g, 3 + i);
    }
    expect(bodies).toEqual(['', '', 'hello', '']);
  });
});
