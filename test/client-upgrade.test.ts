/** What becomes of a Socket.IO connection over long-polling, and of one whose upgrade to WebSocket does not get through. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { ConnectError } from '../dist/core/client.js';
import { blankMessage, writeHeader } from '../dist/core/payload/message.js';
import socketioLibrary from '../dist/runners/clients/socketio-library.js';
import socketioWire from '../dist/runners/clients/socketio-wire.js';
import { cleanups, clientOf } from './fixtures/noting-client.js';
import { agree, listening, openPacket } from './fixtures/raw-server.js';
import { socketio } from './fixtures/socketio-server.js';

const obstacles: Record<string, (request: IncomingMessage, socket: Socket) => void> = {
  'is refused': (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n'),
  'is not answered': () => {},
  'is cut off': (request, socket) => {
    socket.write(agree(request.headers['sec-websocket-key'] ?? ''), () => socket.resetAndDestroy());
  },
};
const each = Object.entries(obstacles);

/** A server that echoes over polling and does `hinder` to every request for a WebSocket. */
const hindered = (hinder: (request: IncomingMessage, socket: Socket) => void): Promise<number> =>
  socketio((io) => {
    io.httpServer.removeAllListeners('upgrade');
    io.httpServer.on('upgrade', (request: IncomingMessage, socket: Socket) => {
      socket.on('error', () => {});
      cleanups.push(() => socket.destroy());
      hinder(request, socket);
    });
    io.on('connection', (socket) => socket.on('message', (data) => socket.emit('message', data)));
  });

describe('a connection whose upgrade', () => {
  it.each(each)('%s is ready over polling where it may stay there', async (_, hinder) => {
    const { notes, open } = clientOf(socketioLibrary, await hindered(hinder), {
      transport: 'upgrade',
      mayStayOnPolling: true,
    });
    const { connection, stagesUs, costs } = await open();
    expect(Object.keys(stagesUs).sort()).toEqual(['engineio', 'ready', 'socketio', 'tcp']);
    expect(Object.keys(costs).sort()).toEqual(['engineio', 'ready', 'socketio', 'tcp']);
    for (let i = 0; i < 20; i++) {
      expect(connection.send(0, i, 0, 0, true)).toBe(true);
      await notes.until(() => notes.lines.length > i);
    }
    expect(notes.lines).toEqual(Array.from({ length: 20 }, (_, i) => `0<0:${i}`));
    // As it was when the connection was ready, whatever has come of the upgrade since.
    expect(Object.keys(stagesUs)).toHaveLength(4);
  });

  const eachOfBoth = each.flatMap(([obstacle, hinder]) =>
    [socketioLibrary, socketioWire].map((factory) => ({ obstacle, hinder, factory, name: factory.name })),
  );
  it.each(eachOfBoth)('$obstacle has failed where it may not: $name client', async ({ obstacle, hinder, factory }) => {
    const { notes, open } = clientOf(factory, await hindered(hinder), {
      transport: 'upgrade',
      connectTimeoutMs: obstacle === 'is not answered' ? 300 : 5000,
    });
    const errorClass = obstacle === 'is not answered' ? 'connect:timeout' : 'connect:upgrade';
    await expect(open()).rejects.toThrow(errorClass);
    expect(notes.lines).toEqual([]);
  });

  it('gets through is made in the background where it may stay on polling', async () => {
    let upgraded: () => void = () => {};
    const upgrade = new Promise<void>((resolve) => {
      upgraded = resolve;
    });
    const port = await socketio((io) =>
      io.on('connection', (socket) => {
        if (socket.conn.transport.name === 'websocket') upgraded();
        socket.conn.once('upgrade', upgraded);
        socket.on('message', (data) => socket.emit('message', data));
      }),
    );
    const { notes, open } = clientOf(socketioLibrary, port, { transport: 'upgrade', mayStayOnPolling: true });
    const { connection } = await open();
    connection.send(0, 0, 0, 0, true);
    await upgrade;
    connection.send(0, 1, 0, 0, true);
    await notes.until(() => notes.lines.length === 2);
    expect(notes.lines).toEqual(['0<0:0', '0<0:1']);
  });
});

describe('the wire client', () => {
  /** What becomes of an opening at a server that answers every request with `answer`. */
  const failure = async (answer: (request: IncomingMessage) => string): Promise<string> => {
    const http = createServer((request, response) => response.end(answer(request)));
    const { notes, open } = clientOf(socketioWire, await listening(http), { transport: 'upgrade' });
    const reason = await open().then(
      () => 'opened',
      (error: ConnectError) => `${error.message}: ${error.answer ?? ''}`,
    );
    expect(notes.lines).toEqual([]);
    return reason;
  };
  const opened = (more: object): string => {
    const said = JSON.parse(openPacket().slice(1));
    return `0${JSON.stringify({ ...said, upgrades: ['websocket'], ...more })}`;
  };

  it.each([
    ['connect:engineio-3: ', () => '97:0{"sid":"a"}2:40'],
    ['connect:http-200: 200 OK: a page', () => 'a page'],
    ['engineio:bad-open: ', () => '0{"sid":1}'],
    ['connect:upgrade: the server offers no upgrade to WebSocket', () => opened({ upgrades: [] })],
    ['connect:payload-above-server-limit: ', () => opened({ maxPayload: 63 })],
    ['connect:socketio-refused: not you', ({ url = '' }) => refusal(url, '44{"message":"not you"}')],
    ['connect:closed: ', ({ url = '' }) => refusal(url, '1')],
    ['engineio:unexpected-packet: ', ({ url = '' }) => refusal(url, '3probe2')],
    ['engineio:unexpected-packet: ', ({ url = '' }) => refusal(url, '\u001e\u001e')],
    ['socketio:malformed-packet: ', ({ url = '' }) => refusal(url, '4x')],
    ['socketio:unexpected-attachment: ', ({ url = '' }) => refusal(url, 'b****')],
  ] satisfies [string, (request: IncomingMessage) => string][])('fails as %s', async (reason, answer) => {
    expect(await failure(answer)).toBe(reason);
  });

  /** The first request opens a session, and all others are told `packets`. */
  function refusal(url: string, packets: string): string {
    return url.includes('sid=') ? packets : opened({});
  }

  it('fails with the status of a poll', async () => {
    const http = createServer((request, response) => {
      if (request.url?.includes('sid=')) response.writeHead(502).end('no backend');
      else response.end(opened({}));
    });
    const { open } = clientOf(socketioWire, await listening(http), { transport: 'upgrade' });
    await expect(open()).rejects.toMatchObject({ message: 'connect:http-502', answer: '502 Bad Gateway: no backend' });
  });

  it('fails when nothing answers the first request in time', async () => {
    const port = await listening(createServer(() => {}));
    const { open } = clientOf(socketioWire, port, { transport: 'upgrade', connectTimeoutMs: 100 });
    await expect(open()).rejects.toThrow('connect:timeout');
  });

  it.each(['text', 'binary'] as const)('has what was said before the upgrade, in order: %s', async (type) => {
    const port = await socketio((io) =>
      io.on('connection', (socket) => {
        const message = blankMessage(64);
        for (let sequence = 0; sequence < 5; sequence++) {
          writeHeader(message, 0, 0, 0, sequence, 0, 0, true);
          socket.emit('message', type === 'text' ? Buffer.from(message).toString('latin1') : Buffer.from(message));
        }
        socket.on('message', (data) => socket.emit('message', data));
      }),
    );
    const { notes, open } = clientOf(socketioWire, port, { transport: 'upgrade', payload: { sizeBytes: 64, type } });
    const { connection } = await open();
    connection.send(0, 5, 0, 0, true);
    connection.flush();
    await notes.until(() => notes.lines.length >= 6);
    expect(notes.lines).toEqual(Array.from({ length: 6 }, (_, sequence) => `0<0:${sequence}`));
  });

  it.each([
    ['upgrade', 'websocket'],
    ['polling', 'polling'],
  ] as const)(
    'waits for a namespace that is joined late, and answers heartbeats meanwhile: %s',
    async (transport, by) => {
      const answered: string[] = [];
      const port = await socketio(
        (io) => {
          io.engine.on('connection', (connection) =>
            connection.on('heartbeat', () => answered.push(connection.transport.name)),
          );
          io.use((_socket, next) => {
            const timer = setInterval(() => {
              if (!answered.includes(by)) return;
              clearInterval(timer);
              next();
            }, 10);
          });
          io.on('connection', (socket) => socket.on('message', (data) => socket.emit('message', data)));
        },
        { pingInterval: 20 },
      );
      const { notes, open } = clientOf(socketioWire, port, { transport });
      const { connection, stagesUs } = await open();
      expect(stagesUs.ready).toBeGreaterThanOrEqual(stagesUs.socketio ?? Number.POSITIVE_INFINITY);
      if (transport === 'upgrade')
        expect(stagesUs.socketio).toBeGreaterThan(stagesUs.upgrade ?? Number.POSITIVE_INFINITY);
      connection.send(0, 0, 0, 0, true);
      connection.flush();
      await notes.until(() => notes.lines.length > 0);
      expect(notes.lines).toEqual(['0<0:0']);
    },
  );

  it.each(['upgrade', 'polling'] as const)(
    'sends back the cookies that its first response set: %s',
    async (transport) => {
      const asked = new Set<string | undefined>();
      const port = await socketio((io) => {
        io.engine.on('initial_headers', (headers: Record<string, string | string[]>) => {
          headers['Set-Cookie'] = ['io=s1; Path=/; HttpOnly', 'other=a=b; Expires=Wed, 21 Oct 2099 07:28:00 GMT'];
        });
        io.engine.on('headers', (_headers: unknown, request: IncomingMessage) => {
          if (request.url?.includes('sid=')) asked.add(request.headers.cookie);
        });
        io.on('connection', (socket) => socket.on('message', (data) => socket.emit('message', data)));
      });
      const { notes, open } = clientOf(socketioWire, port, { transport });
      const { connection } = await open();
      connection.send(0, 0, 0, 0, true);
      connection.flush();
      await notes.until(() => notes.lines.length > 0);
      expect([...asked]).toEqual(['io=s1; other=a=b']);
    },
  );

  it.each<[string, (response: ServerResponse) => void, string[]]>([
    [
      'is answered with an error',
      (response) => response.writeHead(400).end('gone'),
      ['0 error polling:http-400', '0 closed 1005'],
    ],
    [
      'is no HTTP',
      (response) => response.socket?.end('nonsense\r\n\r\n'),
      ['0 error polling:bad-response', '0 closed 1005'],
    ],
    ['is cut off', (response) => response.socket?.resetAndDestroy(), ['0 closed 0']],
    ['says that the session is over', (response) => response.end('41'), ['0 closed 0']],
  ])('whose later poll %s is closed', async (_, answer, lines) => {
    let polls = 0;
    const http = createServer((request, response) => {
      if (request.method === 'POST') response.end('ok');
      else if (!request.url?.includes('sid=')) response.end(opened({}));
      else if (polls++ === 0) response.end('40{"sid":"b"}');
      else setTimeout(answer, 20, response);
    });
    cleanups.push(() => http.closeAllConnections());
    const { notes, open } = clientOf(socketioWire, await listening(http), { transport: 'polling' });
    const { connection } = await open();
    await notes.until(() => notes.lines.length >= lines.length);
    expect(notes.lines).toEqual(lines);
    expect(connection.send(0, 0, 0, 0, true)).toBe(false);
  });
});
