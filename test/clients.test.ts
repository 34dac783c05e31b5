/** What every client asks for, and does when a server refuses it, breaks off, or answers with the wrong type of message. */

import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { Server as SocketIo } from 'socket.io';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { ClientFactory, ClientSetup, Inbox } from '../dist/core/client.js';
import { headerBytes } from '../dist/core/payload/message.js';
import { eventName, type Protocol, type Transport } from '../dist/core/target.js';
import { loadClients } from '../dist/runners/client-catalogue.js';
import { monotonicClock } from '../dist/runners/machine/monotonic-clock.js';

const host = '127.0.0.1';
const clock = monotonicClock();
const each = (await loadClients()).flatMap((factory) =>
  factory.transports.map((transport) => ({ factory, transport })),
);
const named = ({ factory, transport }: (typeof each)[number]) =>
  `${factory.protocol} ${factory.name} client over ${transport}`;

/** Everything that reaches it, as words; `next` resolves at the first. */
function wordInbox() {
  const words: string[] = [];
  let timer = () => {};
  const say = (word: string) => {
    words.push(word);
    timer();
  };
  const inbox: Inbox = {
    message: () => {
      say('message');
      return true;
    },
    endOfRead: () => {},
    error: (_receiver, errorClass) => say(errorClass),
    other: (_receiver, name) => say(`other ${name}`),
    pushed: () => say('pushed'),
    unrecognised: () => say('unrecognised'),
    closed: () => say('closed'),
  };
  const next = () =>
    new Promise<void>((resolve) => {
      timer = resolve;
      if (words.length > 0) resolve();
    });
  return { inbox, words, next };
}

function setupFor(
  protocol: Protocol,
  transport: Transport,
  port: number,
  inbox: Inbox,
  type: 'text' | 'binary' = 'text',
  connectTimeoutMs = 5_000,
): ClientSetup {
  return {
    protocol,
    transport,
    kind: 'echo',
    port,
    payload: { sizeBytes: headerBytes, type },
    connectTimeoutMs,
    ackTimeoutMs: 5_000,
    mayStayOnPolling: false,
    recovers: false,
    inbox,
    clock,
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** The class `open` rejects with when the first bytes of each connection are answered with `answer`, or with nothing. */
async function failure(
  factory: ClientFactory,
  transport: Transport,
  answer?: string,
  timeoutMs?: number,
): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => answer !== undefined && socket.end(answer));
  });
  const port = await listen(server);
  const { inbox, words } = wordInbox();
  const client = factory.create(setupFor(factory.protocol, transport, port, inbox, 'text', timeoutMs));
  const reason = await client.open(0, host).then(
    () => 'opened',
    (error: Error) => error.message,
  );
  // Ends only when the client has left no connection behind.
  await new Promise((closed) => server.close(closed));
  expect(words).toEqual([]);
  return reason;
}

describe('a client names by class', () => {
  for (const pair of each) {
    const { factory, transport } = pair;

    it(`a refusal with a status: ${named(pair)}`, async () => {
      const answer = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
      expect(await failure(factory, transport, answer)).toBe('connect:http-403');
    });

    it(`an answer that is not the protocol, without repeating it: ${named(pair)}`, async () => {
      const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\n<script>';
      const reason = await failure(factory, transport, answer);
      expect(reason).toMatch(/^connect:[A-Za-z0-9_-]+$/);
      expect(reason).not.toContain('script');
    });

    it(`silence: ${named(pair)}`, async () => {
      expect(await failure(factory, transport, undefined, 200)).toBe('connect:timeout');
    });

    it(`a server that hangs up: ${named(pair)}`, async () => {
      expect(await failure(factory, transport, '')).toMatch(/^connect:[A-Za-z0-9_-]+$/);
    });

    it(`nobody listening: ${named(pair)}`, async () => {
      const vacant = createServer();
      const port = await listen(vacant);
      await new Promise((closed) => vacant.close(closed));
      const client = factory.create(setupFor(factory.protocol, transport, port, wordInbox().inbox));
      await expect(client.open(0, host)).rejects.toThrow('connect:ECONNREFUSED');
    });
  }
});

describe('a client tells the server', () => {
  for (const pair of each)
    for (const room of [undefined, 0, 7]) {
      const { factory, transport } = pair;
      it(`${room === undefined ? 'no room' : `room ${room}`} in the query of its request: ${named(pair)}`, async () => {
        const targets: string[] = [];
        const server = createServer((socket) => {
          socket.on('error', () => {});
          socket.once('data', (request) => {
            targets.push(/^GET (\S+) HTTP\/1.1\r\n/.exec(request.toString('latin1'))?.[1] ?? 'none');
            socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
          });
        });
        const port = await listen(server);
        const client = factory.create(setupFor(factory.protocol, transport, port, wordInbox().inbox));
        await expect(client.open(0, host, room)).rejects.toThrow('connect:http-403');
        await new Promise((closed) => server.close(closed));
        expect(targets).toHaveLength(1);
        const { pathname, searchParams } = new URL(targets[0]!, 'http://server');
        expect(searchParams.get('room')).toBe(room === undefined ? null : String(room));
        expect(searchParams.get('EIO')).toBe(factory.protocol === 'socketio' ? '4' : null);
        expect(pathname).toBe(factory.protocol === 'socketio' ? '/socket.io/' : '/');
      });
    }
});

/** Servers that answer text with binary and the reverse. */
const turncoats: Record<Protocol, () => { http: Server; close: () => void }> = {
  websocket: () => {
    const http = createHttpServer();
    const server = new WebSocketServer({ server: http });
    server.on('connection', (socket) => {
      socket.on('error', () => {});
      socket.on('message', (data, isBinary) => socket.send(data, { binary: !isBinary }));
    });
    return { http, close: () => void http.close() };
  },
  socketio: () => {
    const http = createHttpServer();
    const io = new SocketIo(http);
    io.on('connection', (socket) =>
      socket.on(eventName, (payload) =>
        socket.emit(eventName, typeof payload === 'string' ? Buffer.from(payload) : String(payload)),
      ),
    );
    return { http, close: () => void io.close() };
  },
};

describe('a client counts as wrong-type, and does not deliver', () => {
  for (const pair of each)
    for (const type of ['text', 'binary'] as const) {
      const { factory, transport } = pair;
      it(`what came back as ${type === 'text' ? 'binary' : 'text'}: ${named(pair)}`, async () => {
        const turncoat = turncoats[factory.protocol]();
        const port = await listen(turncoat.http);
        const { inbox, words, next } = wordInbox();
        const client = factory.create(setupFor(factory.protocol, transport, port, inbox, type));
        const { connection } = await client.open(0, host);
        const nowUs = Math.floor(clock.nowUs());
        expect(connection.send(0, 0, nowUs, nowUs, true)).toBe(true);
        connection.flush();
        await next();
        connection.close();
        turncoat.close();
        expect(words).toEqual(['wrong-type']);
      });
    }
});
