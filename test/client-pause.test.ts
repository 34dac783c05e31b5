/** What a client that has stopped reading leaves with the server, and that all of it comes when it reads on. */

import { get } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { blankMessage, writeHeader } from '../dist/core/payload/message.js';
import type { Protocol } from '../dist/core/target.js';
import { loadClients } from '../dist/runners/client-catalogue.js';
import { StageWatch } from '../dist/runners/clients/connecting/stage-watch.js';
import { WatchedSocket } from '../dist/runners/clients/connecting/watched-socket.js';
import { ConnectionAgent } from '../dist/runners/clients/library/connection-agent.js';
import { monotonicClock } from '../dist/runners/machine/monotonic-clock.js';
import { cleanups, clientOf, loopback } from './fixtures/noting-client.js';
import { listening } from './fixtures/raw-server.js';
import { socketio } from './fixtures/socketio-server.js';
import { websocket } from './fixtures/websocket-server.js';

/** Together 10 MiB, far above what the kernel takes for a reader that does not read. */
const messages = 640;
const sizeBytes = 16 * 1024;

interface Flood {
  readonly port: number;
  /** What the server has to say and cannot get rid of, in bytes or packets. */
  withheld(): number;
  /** TCP connections that are open. */
  connections(): number;
}

function message(sequence: number): string {
  const bytes = Buffer.from(blankMessage(sizeBytes));
  writeHeader(bytes, 0, 0, 0, sequence, 1000, 2000, true);
  return bytes.toString('latin1');
}

/** Servers that answer each message with all `messages`. */
const flooding: Record<Protocol, () => Promise<Flood>> = {
  websocket: async () => {
    const tcp: Socket[] = [];
    const port = await websocket((server, http) => {
      http.on('connection', (socket: Socket) => tcp.push(socket));
      server.on('connection', (socket) =>
        socket.on('message', () => {
          for (let i = 0; i < messages; i++) socket.send(message(i));
        }),
      );
    });
    return { port, withheld: () => waitingIn(tcp), connections: () => openOf(tcp) };
  },
  socketio: async () => {
    const tcp: Socket[] = [];
    const packets: (() => number)[] = [];
    const port = await socketio((io) => {
      io.httpServer.on('connection', (socket: Socket) => tcp.push(socket));
      io.on('connection', (socket) => {
        packets.push(() => (socket.conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length);
        socket.on('message', () => {
          for (let i = 0; i < messages; i++) socket.emit('message', message(i));
        });
      });
    });
    const withheld = () => waitingIn(tcp) + packets.reduce((sum, count) => sum + count(), 0);
    return { port, withheld, connections: () => openOf(tcp) };
  },
};

const waitingIn = (tcp: readonly Socket[]): number => tcp.reduce((sum, { writableLength }) => sum + writableLength, 0);
const openOf = (tcp: readonly Socket[]): number => tcp.filter(({ destroyed }) => !destroyed).length;

/** Resolves when `state` has not changed for a while, or will not rest: the assertion that follows tells. */
async function settled(state: () => number): Promise<void> {
  for (let tries = 0, same = 0, last = Number.NaN; same < 10 && tries < 1000; tries++) {
    await sleep(10);
    same = state() === last ? same + 1 : 0;
    last = state();
  }
}

/** Resolves when the server has something to say and cannot, or does not come to that. */
async function stuck(flood: Flood): Promise<void> {
  for (let tries = 0; flood.withheld() === 0 && tries < 200; tries++) await sleep(5);
  await settled(flood.withheld);
}

const everything = Array.from({ length: messages }, (_, i) => `0<0:${i}`);
const each = (await loadClients())
  .filter(({ name }) => name !== 'undici')
  .flatMap((factory) =>
    factory.transports.map((transport) => ({
      name: `${factory.protocol} ${factory.name} client over ${transport}`,
      factory,
      transport,
    })),
  );

describe('a client that has stopped reading', () => {
  it.each(each)('gets nothing, and all of it when it reads on: $name', async ({ factory, transport }) => {
    const flood = await flooding[factory.protocol]();
    const { notes, open } = clientOf(factory, flood.port, { transport, payload: { sizeBytes, type: 'text' } });
    const { connection } = await open();
    connection.pauseReading();
    connection.send(0, 0, 0, 0, true);
    connection.flush();
    await stuck(flood);
    expect(notes.lines).toEqual([]);
    expect(flood.withheld()).toBeGreaterThan(0);
    connection.resumeReading();
    await notes.until(() => notes.lines.length >= messages);
    expect(notes.lines).toEqual(everything);
  });

  it.each(each.filter(({ transport }) => transport !== 'polling'))(
    'amid a stream gets the rest of it when it reads on, however often it stops: $name',
    async ({ factory, transport }) => {
      const flood = await flooding[factory.protocol]();
      const { notes, open } = clientOf(factory, flood.port, { transport, payload: { sizeBytes, type: 'text' } });
      const { connection } = await open();
      connection.send(0, 0, 0, 0, true);
      connection.flush();
      for (const some of [1, 100]) {
        await notes.until(() => notes.lines.length >= some);
        connection.pauseReading();
        // By now the kernel may hold all that is left.
        await settled(() => flood.withheld() + notes.lines.length);
        const before = notes.lines.length;
        expect(before).toBeLessThan(messages);
        connection.resumeReading();
        connection.pauseReading();
        await settled(() => flood.withheld() + notes.lines.length);
        // Node may have read one chunk ahead.
        expect((notes.lines.length - before) * sizeBytes).toBeLessThanOrEqual(128 * 1024);
        connection.resumeReading();
      }
      await notes.until(() => notes.lines.length >= messages);
      expect(notes.lines).toEqual(everything);
    },
  );

  it.each(each)('can be closed: $name', async ({ factory, transport }) => {
    const flood = await flooding[factory.protocol]();
    const { notes, open } = clientOf(factory, flood.port, { transport, payload: { sizeBytes, type: 'text' } });
    const { connection } = await open();
    connection.pauseReading();
    connection.send(0, 0, 0, 0, true);
    connection.flush();
    await stuck(flood);
    connection.close();
    connection.resumeReading();
    connection.pauseReading();
    while (flood.connections() > 0) await sleep(5);
    expect(notes.lines).toEqual([]);
  });
});

describe('a TCP socket of a library', () => {
  /** A connected socket that hears `hello`, and what it has heard. */
  async function greeted() {
    const port = await listening(createServer((socket) => void socket.on('error', () => {}).write('hello')));
    const socket = new WatchedSocket();
    let heard = '';
    const listen = () => socket.on('data', (chunk) => (heard += chunk));
    cleanups.push(() => socket.destroy());
    return { socket, listen, connect: () => socket.connect(port, loopback), heard: () => heard };
  }
  const aWhile = 30;

  it('that is held reads nothing though the library asks it to, and reads when it is released', async () => {
    const { socket, listen, connect, heard } = await greeted();
    socket.hold();
    listen();
    connect();
    socket.resume();
    await sleep(aWhile);
    socket.resume();
    await sleep(aWhile);
    expect(heard()).toBe('');
    socket.release();
    await settled(() => heard().length);
    expect(heard()).toBe('hello');
  });

  it('that the library has paused stays so when it is released', async () => {
    const { socket, listen, connect, heard } = await greeted();
    listen();
    socket.pause();
    socket.hold();
    connect();
    socket.release();
    await sleep(aWhile);
    expect(heard()).toBe('');
    socket.resume();
    await settled(() => heard().length);
    expect(heard()).toBe('hello');
  });

  it('that is opened while reading is held is held as well', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
    const port = await listening(
      createServer((socket) => void socket.on('error', () => {}).once('data', () => socket.write(answer))),
    );
    const agent = new ConnectionAgent(new StageWatch(monotonicClock()));
    cleanups.push(() => agent.end());
    agent.hold();
    let status: number | undefined;
    get({ agent, host: loopback, port }, (response) => {
      status = response.resume().statusCode;
    });
    await sleep(aWhile);
    expect(status).toBeUndefined();
    agent.release();
    await settled(() => status ?? 0);
    expect(status).toBe(200);
  });
});
