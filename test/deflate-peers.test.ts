/** Clients against the compression of real servers: messages of every size, window and way of takeover come back intact. */

import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type ServerOptions, WebSocketServer } from 'ws';
import type { ClientFactory } from '../dist/core/client.js';
import { headerBytes } from '../dist/core/payload/message.js';
import { settings } from '../dist/core/target.js';
import socketioLibrary from '../dist/runners/clients/socketio-library.js';
import socketioWire from '../dist/runners/clients/socketio-wire.js';
import wsLibrary from '../dist/runners/clients/ws-library.js';
import wsWire from '../dist/runners/clients/ws-wire.js';
import { loadUws, uwsUnavailable } from '../dist/targets/uws.js';
import { cleanups, clientOf, loopback } from './fixtures/noting-client.js';
import { listening } from './fixtures/raw-server.js';
import { socketio } from './fixtures/socketio-server.js';

/** What a server has seen of its clients. */
interface Peer {
  readonly port: number;
  /** Bytes that came in, and messages that they held when inflated. */
  seen(): { readonly wireBytes: number; readonly messageBytes: number; readonly agreed: string };
}

/** Echoes, and now and then between two others as it is. */
async function wsEcho(perMessageDeflate: ServerOptions['perMessageDeflate']): Promise<Peer> {
  const http = createServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate, maxPayload: settings.maxMessageBytes });
  let messageBytes = 0;
  let agreed = '';
  const bytesRead: (() => number)[] = [];
  server.on('connection', (socket, request) => {
    const before = request.socket.bytesRead;
    bytesRead.push(() => request.socket.bytesRead - before);
    let count = 0;
    socket.on('message', (data: Buffer, isBinary) => {
      messageBytes += data.length;
      socket.ping();
      socket.send(data, { binary: isBinary, compress: ++count % 4 !== 0 });
    });
  });
  server.on('headers', (headers) => {
    agreed = headers.find((line) => line.startsWith('Sec-WebSocket-Extensions')) ?? '';
  });
  const port = await listening(http);
  cleanups.push(() => {
    for (const socket of server.clients) socket.terminate();
  });
  return {
    port,
    seen: () => ({ messageBytes, agreed, wireBytes: bytesRead.reduce((sum, read) => sum + read(), 0) }),
  };
}

async function uwsEcho(compression: number): Promise<Peer> {
  const uws = loadUws();
  let messageBytes = 0;
  const app = uws.App().ws('/*', {
    compression,
    maxPayloadLength: settings.maxMessageBytes,
    maxBackpressure: 64 * 1024 * 1024,
    message: (socket, data, isBinary) => {
      messageBytes += data.byteLength;
      socket.send(data, isBinary, true);
    },
  });
  return new Promise((resolve) => {
    app.listen(loopback, 0, (listener) => {
      if (listener === false) throw new Error('uWebSockets.js cannot listen');
      cleanups.push(() => uws.us_listen_socket_close(listener));
      resolve({
        port: uws.us_socket_local_port(listener),
        seen: () => ({ messageBytes, agreed: '', wireBytes: 0 }),
      });
    });
  });
}

const compression = { thresholdBytes: 100, memLevel: 8 };
const sizes = [headerBytes, 100, 1000, 40_000, 131_072];

/** Sends messages of every size over two connections that take turns, and expects every one of them back. */
async function expectEchoes(factory: ClientFactory, port: number, sent: readonly number[] = sizes): Promise<void> {
  for (const type of ['text', 'binary'] as const)
    for (const sizeBytes of sent) {
      const { notes, open } = clientOf(factory, port, { compression, payload: { sizeBytes, type } });
      const a = (await open(5)).connection;
      const b = (await open(6)).connection;
      const count = sizeBytes > 10_000 ? 4 : 12;
      const expected: string[] = [];
      for (let i = 0; i < count; i++) {
        expect(a.send(1, i, 1000 + i, 2000 + i, true)).toBe(true);
        expect(b.send(2, i, 1000 + i, 2000 + i, false)).toBe(true);
        expected.push(`5<1:${i}`, `6<2:${i}`);
      }
      a.flush();
      b.flush();
      await notes.until(() => notes.lines.length >= expected.length);
      expect([...notes.lines].sort()).toEqual(expected.sort());
      for (const start of ['5', '6']) {
        const own = notes.lines.filter((line) => line.startsWith(start));
        expect(own).toEqual(expected.filter((line) => line.startsWith(start)).sort(bySequence));
      }
      a.close();
      b.close();
    }
}

const bySequence = (one: string, other: string): number => Number(one.split(':')[1]) - Number(other.split(':')[1]);

describe('the wire client against ws', () => {
  it.each([
    ['its defaults', {}, /permessage-deflate$/],
    ['no takeover', { serverNoContextTakeover: true, clientNoContextTakeover: true }, /no_context_takeover/],
    ['windows of 9 bits', { serverMaxWindowBits: 9, clientMaxWindowBits: 9 }, /client_max_window_bits=9/],
    ['windows of 8 bits', { serverMaxWindowBits: 8, clientMaxWindowBits: 8 }, /server_max_window_bits=8/],
    ['a window of 12 bits that is not taken over', { serverMaxWindowBits: 12, serverNoContextTakeover: true }, /=12/],
  ])('with %s gets every message back, and sends them compressed', async (_, options, answer) => {
    const peer = await wsEcho({ threshold: 0, ...options });
    await expectEchoes(wsWire, peer.port);
    const { wireBytes, messageBytes, agreed } = peer.seen();
    expect(agreed).toMatch(answer);
    expect(wireBytes).toBeLessThan(messageBytes / 20);
  });

  it('sends messages as they are where the server does not take the offer', async () => {
    const peer = await wsEcho(false);
    await expectEchoes(wsWire, peer.port, [1000]);
    const { wireBytes, messageBytes, agreed } = peer.seen();
    expect(agreed).toBe('');
    expect(wireBytes).toBeGreaterThan(messageBytes);
  });
});

describe.skipIf(uwsUnavailable() !== undefined)('the wire client against uWebSockets.js', () => {
  it.each([
    'SHARED_COMPRESSOR',
    'DEDICATED_COMPRESSOR_3KB',
    'DEDICATED_COMPRESSOR_16KB',
    'DEDICATED_COMPRESSOR_256KB',
  ] as const)('with %s gets every message back', async (name) => {
    const { port } = await uwsEcho(loadUws()[name]);
    await expectEchoes(wsWire, port);
  });
});

describe('compression of a client', () => {
  const socketioEcho = (): Promise<number> =>
    socketio((io) => io.on('connection', (socket) => socket.on('message', (data) => socket.emit('message', data))), {
      perMessageDeflate: { threshold: 100 },
      httpCompression: false,
    });

  it.each([
    ['the wire client', socketioWire],
    ['the library client', socketioLibrary],
  ])('for Socket.IO, of %s, keeps every message intact', async (_, factory) => {
    await expectEchoes(factory, await socketioEcho(), [headerBytes, 1000, 40_000]);
  });

  it('for plain WebSocket, of the library client, keeps every message intact and sends them compressed', async () => {
    const peer = await wsEcho({ threshold: 0 });
    await expectEchoes(wsLibrary, peer.port, [1000, 40_000]);
    const { wireBytes, messageBytes } = peer.seen();
    expect(wireBytes).toBeLessThan(messageBytes / 20);
  });
});
