/** The wire clients against real servers: what is sent comes back, and nothing is spoiled on the way. */

import { createServer as createHttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { ClientFactory } from '../dist/core/client.js';
import { blankMessage, Header, headerBytes, paddingIntact, readHeader } from '../dist/core/payload/message.js';
import { settings } from '../dist/core/target.js';
import socketioWire from '../dist/runners/clients/socketio-wire.js';
import wsWire from '../dist/runners/clients/ws-wire.js';
import { loadUws, uwsUnavailable } from '../dist/targets/uws.js';
import { cleanups, clientOf, loopback } from './fixtures/noting-client.js';
import { agree, listening, rawServer } from './fixtures/raw-server.js';
import { socketio } from './fixtures/socketio-server.js';

async function wsEcho(): Promise<number> {
  const http = createHttpServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data as Buffer, { binary: isBinary }));
  });
  const port = await listening(http);
  cleanups.push(() => {
    for (const socket of server.clients) socket.terminate();
  });
  return port;
}

async function uwsEcho(): Promise<number> {
  const uws = loadUws();
  const app = uws.App().ws('/*', {
    maxPayloadLength: settings.maxMessageBytes,
    maxBackpressure: 64 * 1024 * 1024,
    message: (socket, data, isBinary) => {
      socket.send(data, isBinary);
    },
  });
  return new Promise((resolve) => {
    app.listen(loopback, 0, (listener) => {
      if (listener === false) throw new Error('uWebSockets.js cannot listen');
      cleanups.push(() => uws.us_listen_socket_close(listener));
      resolve(uws.us_socket_local_port(listener));
    });
  });
}

const socketioEcho = (): Promise<number> =>
  socketio((io) => {
    io.on('connection', (socket) => socket.on('message', (data) => socket.emit('message', data)));
  });

type Server = [name: string, factory: ClientFactory, start: () => Promise<number>];
/** Absent on a Node that it has no binary for. */
const uwsServers: Server[] = uwsUnavailable() === undefined ? [['uWebSockets.js', wsWire, uwsEcho]] : [];
const servers: Server[] = [['ws', wsWire, wsEcho], ...uwsServers, ['socket.io', socketioWire, socketioEcho]];
const workloads = servers.flatMap(([name, factory, start]) =>
  (['text', 'binary'] as const).flatMap((type) =>
    [headerBytes, 125, 1000, 70_000, 400_000].map((sizeBytes) => ({ name, type, sizeBytes, factory, start })),
  ),
);

describe('a wire client', () => {
  it.each(workloads)(
    'gets $type messages of $sizeBytes bytes back from $name, intact and in order',
    async (workload) => {
      const { type, sizeBytes, factory, start } = workload;
      const { notes, open } = clientOf(factory, await start(), { payload: { sizeBytes, type } });
      const a = (await open(5)).connection;
      const b = (await open(6)).connection;
      const count = sizeBytes > 10_000 ? 5 : 150;
      const expected = { a: [] as string[], b: [] as string[] };
      for (let i = 0; i < count; i++) {
        expect(a.send(1, i, 1000 + i, 2000 + i, true)).toBe(true);
        expected.a.push(`5<1:${i}`);
        // Now and then both share the template in turns.
        if (i % 3 !== 0) continue;
        expect(b.send(2, i, 1000 + i, 2000 + i, false)).toBe(true);
        expected.b.push(`6<2:${i}`);
      }
      a.flush();
      b.flush();
      await notes.until(() => notes.lines.length >= expected.a.length + expected.b.length);
      expect(notes.lines.filter((line) => line.startsWith('5'))).toEqual(expected.a);
      expect(notes.lines.filter((line) => line.startsWith('6'))).toEqual(expected.b);
    },
  );

  it.each(servers)('tells the end of a read from %s once for all messages in it', async (_name, factory, start) => {
    const { notes, open } = clientOf(factory, await start());
    const { connection } = await open();
    const readsBefore = notes.reads;
    for (let i = 0; i < 64; i++) connection.send(0, i, 0, 0, true);
    connection.flush();
    await notes.until(() => notes.lines.length === 64);
    await notes.until(() => notes.reads > readsBefore);
    expect(notes.reads - readsBefore).toBeLessThan(64);
  });

  it('tells the stages of plain WebSocket', async () => {
    const { stagesUs } = await clientOf(wsWire, await wsEcho()).open();
    expect(Object.keys(stagesUs).sort()).toEqual(['ready', 'tcp', 'websocket']);
    expect(stagesUs.tcp).toBeGreaterThan(0);
    expect(stagesUs.websocket).toBeGreaterThanOrEqual(stagesUs.tcp!);
    expect(stagesUs.ready).toBeGreaterThanOrEqual(stagesUs.websocket!);
  });

  it('tells the stages of Socket.IO', async () => {
    const { stagesUs } = await clientOf(socketioWire, await socketioEcho()).open();
    const { tcp = 0, websocket = 0, engineio = 0, socketio = 0, ready } = stagesUs;
    const inOrder = [tcp, websocket, engineio, socketio, ready];
    expect(tcp).toBeGreaterThan(0);
    expect(inOrder).toEqual([...inOrder].sort((x, y) => x - y));
  });

  it('refuses to send when 16 MiB are waiting for a server that does not read, and spoils nothing of them', async () => {
    let socketOfServer: Socket | undefined;
    const port = await rawServer((socket, key) => {
      socketOfServer = socket;
      socket.pause();
      socket.write(agree(key));
    });
    const sizeBytes = 1000;
    const { connection } = await clientOf(wsWire, port, { payload: { sizeBytes, type: 'binary' } }).open();
    let sent = 0;
    while (connection.send(3, sent, sent, sent, true)) {
      sent++;
      if (sent % 7 === 0) connection.flush();
      if (sent % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    connection.flush();
    expect(sent).toBeGreaterThan(16_000);
    const frameBytes = 8 + sizeBytes;
    let received = Buffer.alloc(0);
    const header = new Header();
    const blank = blankMessage(sizeBytes);
    let seen = 0;
    await new Promise<void>((resolve) => {
      socketOfServer?.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        let at = 0;
        for (; received.length - at >= frameBytes; at += frameBytes) {
          const key = received[at + 4]!;
          const message = received.subarray(at + 8, at + frameBytes).map((byte) => byte ^ key);
          if (readHeader(message, 0, header) && header.sequence === seen && paddingIntact(message, 0, blank)) seen++;
        }
        received = received.subarray(at);
        if (seen === sent) resolve();
      });
      socketOfServer?.resume();
    });
    expect(seen).toBe(sent);
  });

  it('closes by a reset, after which nothing is sent or told', async () => {
    let reset: (code: string | undefined) => void = () => {};
    const resetCode = new Promise<string | undefined>((resolve) => {
      reset = resolve;
    });
    const port = await rawServer((socket, key) => {
      socket.on('error', (error: NodeJS.ErrnoException) => reset(error.code));
      socket.on('data', () => {});
      socket.write(agree(key));
    });
    const { notes, open } = clientOf(wsWire, port);
    const { connection } = await open();
    connection.send(0, 0, 0, 0, true);
    connection.close();
    connection.close();
    expect(connection.send(0, 1, 0, 0, true)).toBe(false);
    connection.flush();
    expect(await resetCode).toBe('ECONNRESET');
    expect(notes.lines).toEqual([]);
  });
});
