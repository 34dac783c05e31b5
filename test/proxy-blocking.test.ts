/** A proxy that blocks WebSockets: what passes, what happens to an upgrade, and what the proxy survives. */

import { once } from 'node:events';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { io } from 'socket.io-client';
import { describe, expect, it, vi } from 'vitest';
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

/** Requests that are no upgrade, with the bodies that the server is to get. */
const harmless = [
  { text: get, body: '' },
  { text: 'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nX-Upgrade: websocket\r\n\r\n', body: '' },
  { text: 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nX-Upgrade: websocket\r\n\r\n', body: '' },
  {
    text: `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${upgradeHead.length}\r\n\r\n${upgradeHead}`,
    body: upgradeHead,
  },
  {
    text: `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${upgradeHead.length.toString(16)};a=b\r\n${upgradeHead}\r\n1\r\n\n\r\n0\r\n\r\n`,
    body: `${upgradeHead}\n`,
  },
  {
    text: 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n0\r\nUpgrade: websocket\r\n\r\n',
    body: '',
  },
];

const malformedHeads: readonly [string, string][] = [
  ['no request line', 'hello\r\n\r\n'],
  ['another version', 'GET / HTTP/2.0\r\n\r\n'],
  ['a field without a name', 'GET / HTTP/1.1\r\n: websocket\r\n\r\n'],
  ['a folded field', 'GET / HTTP/1.1\r\nUpgrade:\r\n websocket\r\n\r\n'],
  ['a bare line feed', 'GET / HTTP/1.1\r\nA: b\nUpgrade: websocket\r\n\r\n'],
  ['a negative length', 'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n'],
  ['a length beyond all numbers', `POST / HTTP/1.1\r\nContent-Length: ${'9'.repeat(40)}\r\n\r\n`],
  ['two lengths', 'POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
  ['an empty length', 'POST / HTTP/1.1\r\nContent-Length:\r\n\r\n'],
  ['a length and chunks', 'POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['an unknown end', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n'],
  ['a head without end', 'a'.repeat(16 * 1024)],
  ['a head that is too long', `GET / HTTP/1.1\r\nA: ${'a'.repeat(16 * 1024)}\r\n\r\n`],
];

const malformedChunks: readonly [string, string][] = [
  ['a size that is no number', 'zz\r\n'],
  ['a negative size', '-1\r\n'],
  ['a size beyond all numbers', `${'f'.repeat(40)}\r\n`],
  ['a size that ends with a bare line feed', '1\n'],
  ['a size without end', '1'.repeat(5000)],
  ['an extension without end', `1;${'a'.repeat(20_000)}`],
  ['a trailer without end', `0\r\n${'a'.repeat(20_000)}`],
];

const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 20 });

/** Writes `text` in pieces of these sizes, in turn; the last piece may be shorter. */
async function inPieces({ socket }: RawClient, text: string, sizes: readonly number[]): Promise<void> {
  let from = 0;
  for (let i = 0; from < text.length; i++) {
    const to = from + (sizes[i % sizes.length] ?? 1);
    if (socket.writable) socket.write(text.slice(from, to), 'latin1');
    await new Promise((resolve) => setImmediate(resolve));
    from = to;
  }
}

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

  it('finds the upgrade behind any requests, in whatever pieces they come', async () => {
    const upgrades: string[] = [];
    const { server, port, bodies } = await http();
    server.on('upgrade', (request, socket) => {
      upgrades.push(request.headers.upgrade ?? '');
      socket.on('error', () => {});
      socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\na frame');
    });
    const proxy = await proxyTo(port, blocking);
    const earlier = fc.array(fc.constantFrom(...harmless), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(earlier, sizes, async (before, sizes) => {
        const client = new RawClient(proxy.port);
        bodies.length = 0;
        upgrades.length = 0;
        await inPieces(client, before.map(({ text }) => text).join(''), sizes);
        await client.hears(/\[\d+\]/g, before.length);
        expect(bodies).toEqual(before.map(({ body }) => body));
        const answered = client.heard.length;
        await inPieces(client, upgradeHead, sizes);
        if (blocking === 'swallow') client.socket.end();
        await client.closed;
        expect(client.heard.slice(answered)).toMatch(
          {
            refuse: /^HTTP\/1\.1 403 Forbidden\r\n/,
            swallow: /^$/,
            cut: /^HTTP\/1\.1 101 Switching Protocols\r\n\r\n$/,
          }[blocking],
        );
        expect(upgrades).toEqual(blocking === 'cut' ? ['WebSocket'] : []);
        expect(bodies).toHaveLength(before.length);
      }),
      { numRuns: 30 },
    );
  });

  it('lets nothing of a head pass before it is whole', async () => {
    const heard: string[] = [];
    const port = await tcp((socket) => {
      const connection = heard.push('') - 1;
      socket.on('data', (bytes) => {
        heard[connection] += `${bytes}`;
      });
    });
    const requests = () => heard.filter((text) => /^GET \/ HTTP\/1\.1\r\nHost: a\r\n.*\r\n$/s.test(text));
    const proxy = await proxyTo(port, blocking);
    const client = new RawClient(proxy.port);
    await inPieces(client, get.slice(0, -1), [4]);
    // Once the request of a later client has passed, what the first one has sent has been read.
    new RawClient(proxy.port).socket.write(get);
    await vi.waitFor(() => expect(requests()).toHaveLength(1), 10_000);
    expect(heard.filter((text) => text !== '')).toHaveLength(1);
    client.socket.write(get.slice(-1));
    await vi.waitFor(() => expect(requests()).toHaveLength(2), 10_000);
  });

  it.each(malformedHeads)('refuses %s', async (_, head) => {
    const { port, bodies } = await http();
    const proxy = await proxyTo(port, blocking);
    for (const sizes of [[head.length > 1000 ? 100 : 1], [1000], [head.length]]) {
      const client = new RawClient(proxy.port);
      await inPieces(client, head, sizes);
      client.socket.end();
      await client.closed;
      expect(client.heard).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    }
    expect(bodies).toEqual([]);
  });

  it.each(malformedChunks)('refuses chunks with %s', async (_, chunks) => {
    const { port, bodies } = await http();
    const client = new RawClient((await proxyTo(port, blocking)).port);
    await inPieces(client, `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`, [7]);
    await client.closed;
    expect(client.heard).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(bodies).toEqual([]);
  });

  it('survives any bytes in any pieces, and lets no upgrade through', async () => {
    const { server, port } = await http();
    let switched = 0;
    server.on('upgrade', (_request, socket) => {
      switched++;
      socket.destroy();
    });
    const proxy = await proxyTo(port, blocking);
    const text = fc.array(
      fc.oneof(
        fc.constantFrom(
          ...harmless.map(({ text }) => text),
          upgradeHead,
          'Content-Length: 9999\r\n',
          '\r\n\r\n',
          'fff\r\n',
        ),
        fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      ),
    );
    await fc.assert(
      fc.asyncProperty(text, sizes, async (parts, sizes) => {
        const client = new RawClient(proxy.port);
        await inPieces(client, parts.join(''), sizes);
        client.socket.end();
        await client.closed;
      }),
      { numRuns: 50 },
    );
    const client = new RawClient(proxy.port);
    client.socket.write(get);
    await client.hears(/\[0\]/);
    if (blocking !== 'cut') expect(switched).toBe(0);
  });

  it('ignores empty lines before a request', async () => {
    const { port } = await http();
    const client = new RawClient((await proxyTo(port, blocking)).port);
    client.socket.write(`\r\n\r\n\r\n${get}`);
    await client.hears(/\[0\]/);
  });

  it('passes requests on that are in no hurry, and their whole answers', async () => {
    const { port, bodies } = await http();
    const client = new RawClient((await proxyTo(port, blocking)).port);
    const body = 'a'.repeat(2_000_000);
    client.socket.write('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2000000\r\n\r\n');
    await client.hears(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
    client.socket.write(body);
    await client.hears(/\[2000000\]/);
    expect(bodies).toEqual([body]);
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
      socket.once('end', () => socket.end());
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
