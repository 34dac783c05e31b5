/** What opening a receiver again gives it: its earlier session where it recovers, else a fresh connection. */

import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Server, type Socket as SocketioSocket } from 'socket.io';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { blankMessage, type PayloadType, writeHeader } from '../dist/core/payload/message.js';
import type { Protocol, Transport } from '../dist/core/target.js';
import { loadClients } from '../dist/runners/client-catalogue.js';
import socketioLibrary from '../dist/runners/clients/socketio-library.js';
import { cleanups, clientOf, loopback } from './fixtures/noting-client.js';
import { socketio } from './fixtures/socketio-server.js';

type Engine = SocketioSocket['conn'];

function message(sequence: number, type: PayloadType): string | Buffer {
  const bytes = Buffer.from(blankMessage(64));
  writeHeader(bytes, 0, 0, 0, sequence, 1000, 2000, true);
  return type === 'text' ? bytes.toString('latin1') : bytes;
}

/** A server with connection state recovery, or without: how its connections end, and what it then sends to all. */
async function recovering(connectionStateRecovery: object | undefined) {
  const tcp = new Set<Socket>();
  let server!: Server;
  let left: () => void = () => {};
  const sessions: boolean[] = [];
  const engines: Engine[] = [];
  const port = await socketio(
    (io) => {
      server = io;
      io.httpServer.on('connection', (socket: Socket) => {
        tcp.add(socket);
        socket.once('close', () => tcp.delete(socket));
      });
      io.on('connection', (socket) => {
        sessions.push(socket.recovered);
        engines.push(socket.conn);
        socket.on('disconnect', () => left());
      });
    },
    connectionStateRecovery === undefined ? {} : { connectionStateRecovery },
  );
  return {
    port,
    /** By connection: whether its session was recovered. */
    sessions,
    emit: (sequence: number, type: PayloadType = 'text') => server.emit('message', message(sequence, type)),
    /** Resolves when the server knows that a connection has ended. */
    leaving: () =>
      new Promise<void>((resolve) => {
        left = resolve;
      }),
    /**
     * Resolves when the last connection can be sent to at once: its upgrade is finished, or a poll of it is waiting. Between
     * two polls a server does not notice that a client has gone.
     */
    reaches: async (transport: Transport) => {
      const name = transport === 'upgrade' ? 'websocket' : transport;
      for (;;) {
        const { transport: now } = engines.at(-1)!;
        if (now.name === name && now.writable) return;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    },
    reset: () => {
      for (const socket of tcp) socket.resetAndDestroy();
    },
  };
}

const delivered = (lines: readonly string[]): string[] => lines.filter((line) => line.includes('<'));

describe('a receiver that recovers', () => {
  const workloads = socketioLibrary.transports.flatMap((transport) =>
    (['text', 'binary'] as const).map((type) => ({ transport, type })),
  );

  it.each(workloads)('is given what it missed before it is ready: $type over $transport', async (workload) => {
    const { transport, type } = workload;
    const server = await recovering({});
    const { notes, open } = clientOf(socketioLibrary, server.port, {
      transport,
      payload: { sizeBytes: 64, type },
      recovers: true,
    });
    await open();
    server.emit(0, type);
    await notes.until(() => notes.lines.length === 1);
    for (const missed of [1, 3]) {
      await server.reaches(transport);
      const left = server.leaving();
      const closed = notes.lines.filter((line) => line.includes('closed')).length;
      server.reset();
      await left;
      await notes.until(() => notes.lines.filter((line) => line.includes('closed')).length > closed);
      server.emit(missed, type);
      server.emit(missed + 1, type);
      await open();
      expect(delivered(notes.lines).slice(-2)).toEqual([`0<0:${missed}`, `0<0:${missed + 1}`]);
    }
    server.emit(5, type);
    await notes.until(() => notes.lines.at(-1) === '0<0:5');
    expect(delivered(notes.lines)).toEqual([0, 1, 2, 3, 4, 5].map((i) => `0<0:${i}`));
    expect(server.sessions).toEqual([false, true, true]);
  });

  it('is given what it missed after it has closed itself, and is not harmed by closing twice', async () => {
    const server = await recovering({});
    const { notes, open } = clientOf(socketioLibrary, server.port, { recovers: true });
    const { connection } = await open();
    server.emit(0);
    await notes.until(() => notes.lines.length === 1);
    const left = server.leaving();
    connection.close();
    await left;
    server.emit(1);
    await open();
    connection.close();
    server.emit(2);
    await notes.until(() => notes.lines.length === 3);
    expect(notes.lines).toEqual(['0<0:0', '0<0:1', '0<0:2']);
    expect(server.sessions).toEqual([false, true]);
  });

  it('has a fresh session where the server keeps none', async () => {
    const server = await recovering(undefined);
    const { notes, open } = clientOf(socketioLibrary, server.port, { recovers: true });
    const first = await open();
    server.emit(0);
    await notes.until(() => notes.lines.length === 1);
    const left = server.leaving();
    first.connection.close();
    await left;
    server.emit(1);
    const second = await open();
    server.emit(2);
    await notes.until(() => notes.lines.length === 2);
    expect(notes.lines).toEqual(['0<0:0', '0<0:2']);
    expect(Object.keys(second.costs).sort()).toEqual(Object.keys(first.costs).sort());
  });

  it('without recovery has a fresh session though the server keeps one', async () => {
    const server = await recovering({});
    const { notes, open } = clientOf(socketioLibrary, server.port);
    await open();
    server.emit(0);
    await notes.until(() => notes.lines.length === 1);
    const left = server.leaving();
    server.reset();
    await left;
    server.emit(1);
    await open();
    server.emit(2);
    await notes.until(() => notes.lines.at(-1) === '0<0:2');
    expect(delivered(notes.lines)).toEqual(['0<0:0', '0<0:2']);
    expect(server.sessions).toEqual([false, false]);
  });
});

const echoing: Record<Protocol, (http: HttpServer) => void> = {
  websocket: (http) => {
    new WebSocketServer({ server: http }).on('connection', (socket) => {
      socket.on('error', () => {});
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
  },
  socketio: (http) => {
    new Server(http).on('connection', (socket) => socket.on('message', (data) => socket.emit('message', data)));
  },
};

/** An echo server that can be killed; @returns its port and how. */
async function mortal(protocol: Protocol, wantedPort = 0): Promise<{ port: number; kill: () => Promise<void> }> {
  const http = createServer();
  const tcp = new Set<Socket>();
  http.on('connection', (socket: Socket) => {
    tcp.add(socket);
    socket.once('close', () => tcp.delete(socket));
  });
  echoing[protocol](http);
  await new Promise<void>((resolve) => http.listen(wantedPort, loopback, resolve));
  const kill = (): Promise<void> =>
    new Promise((resolve) => {
      http.close(() => resolve());
      for (const socket of tcp) socket.resetAndDestroy();
    });
  cleanups.push(() => http.listening && kill());
  return { port: (http.address() as AddressInfo).port, kill };
}

const each = (await loadClients()).flatMap((factory) =>
  factory.transports.flatMap((transport) =>
    (factory === socketioLibrary ? [false, true] : [false]).map((recovers) => ({
      name: `${factory.protocol} ${factory.name} client over ${transport}${recovers ? ', recovering' : ''}`,
      factory,
      transport,
      recovers,
    })),
  ),
);

describe('a receiver whose server was killed', () => {
  it.each(each)(
    'is refused, and opened again once there is a server: $name',
    async ({ factory, transport, recovers }) => {
      const first = await mortal(factory.protocol);
      const { notes, open } = clientOf(factory, first.port, { transport, recovers });
      const { connection } = await open();
      connection.send(0, 0, 0, 0, true);
      connection.flush();
      await notes.until(() => notes.lines.length === 1);
      await first.kill();
      await notes.until(() => notes.lines.length === 2);
      await expect(open()).rejects.toThrow('connect:ECONNREFUSED');
      await mortal(factory.protocol, first.port);
      const again = (await open()).connection;
      expect(again.send(0, 1, 0, 0, true)).toBe(true);
      again.flush();
      await notes.until(() => notes.lines.length === 3);
      expect(notes.lines).toEqual(['0<0:0', expect.stringMatching(/^0 closed \d+$/), '0<0:1']);
    },
  );
});
