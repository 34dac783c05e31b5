/** Requests over a connection that is kept as long as the server keeps it, and what becomes of them where it does not. */

import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ConnectError } from '../dist/core/client.js';
import { StageWatch } from '../dist/runners/clients/connecting/stage-watch.js';
import { cookiesIn, HttpExchange, withCookies } from '../dist/runners/clients/engineio/http-exchange.js';
import { monotonicClock } from '../dist/runners/machine/monotonic-clock.js';
import { cleanups, loopback } from './fixtures/noting-client.js';
import { listening } from './fixtures/raw-server.js';

const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** Asks, and says what came of it. */
function exchangeWith(port: number): { ask(): Promise<string>; exchange: HttpExchange } {
  let told: (outcome: string) => void = () => {};
  const where = { authority: 'a', address: loopback, port, headers: {}, pathOf: () => '/' };
  const exchange = new HttpExchange(where, new StageWatch(monotonicClock()), Buffer.alloc(1000), {
    responded: ({ status, bytes, start, end }) => told(`${status} ${bytes.toString('utf8', start, end)}`),
    failed: ({ message }: ConnectError) => told(message),
  });
  cleanups.push(() => exchange.reset());
  const ask = (): Promise<string> =>
    new Promise((resolve) => {
      told = resolve;
      exchange.ask(request);
    });
  return { ask, exchange };
}

/** A server that says how many connections it has had. */
async function counting(change: (server: Server) => void = () => {}): Promise<number> {
  let connections = 0;
  const server = createHttpServer((_request, response) => response.end(`connection ${connections}`));
  server.on('connection', () => connections++);
  change(server);
  cleanups.push(() => server.closeAllConnections());
  return listening(server);
}

/** A server that answers each request by `answer`. */
async function raw(answer: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    cleanups.push(() => socket.destroy());
    socket.on('error', () => {});
    socket.on('data', () => answer(socket));
  });
  return listening(server);
}

describe('an exchange', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('uses one connection for all requests', async () => {
    const { ask } = exchangeWith(await counting());
    for (let i = 0; i < 5; i++) expect(await ask()).toBe('200 connection 1');
  });

  it('opens another one where the server says that it closes each', async () => {
    const { ask } = exchangeWith(
      await counting((server) => {
        server.maxRequestsPerSocket = 1;
      }),
    );
    for (let i = 1; i < 5; i++) expect(await ask()).toBe(`200 connection ${i}`);
  });

  it.each([
    ['before the server closes it, as it says', 20_000, [0, 18_000], [18_000, 37_500]],
    ['before it is as old as servers usually let it be', 0, [0, 3900], [3900, 8000]],
  ])('opens another one %s', async (_, keepAliveTimeout, kept, left) => {
    const port = await counting((server) => {
      server.keepAliveTimeout = keepAliveTimeout;
    });
    const { ask } = exchangeWith(port);
    const now = vi.spyOn(performance, 'now');
    const askAt = (ms: number): Promise<string> => {
      now.mockReturnValue(ms);
      return ask();
    };
    for (const ms of kept) expect(await askAt(ms)).toBe('200 connection 1');
    for (const ms of left.slice(1)) expect(await askAt(ms)).toBe('200 connection 2');
  });

  it('uses one for half the time for which it is kept where that is short', async () => {
    const port = await counting((server) => {
      server.keepAliveTimeout = 0;
      server.prependListener('request', (_request, response) => response.setHeader('Keep-Alive', 'timeout=1'));
    });
    const { ask } = exchangeWith(port);
    const now = vi.spyOn(performance, 'now');
    const connections: string[] = [];
    for (const ms of [0, 0.1, 400, 850, 1400]) {
      now.mockReturnValue(ms);
      connections.push(await ask());
    }
    expect(connections).toEqual([1, 1, 1, 1, 2].map((connection) => `200 connection ${connection}`));
  });

  it('opens another one where the server has closed it unasked', async () => {
    const sockets: Socket[] = [];
    const port = await counting((server) => server.on('connection', (socket: Socket) => sockets.push(socket)));
    const { ask } = exchangeWith(port);
    expect(await ask()).toBe('200 connection 1');
    sockets[0]?.destroy();
    // Its end is there by then, and read in the turn of the event loop after that.
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(await ask()).toBe('200 connection 2');
  });

  it.each<[string, string, (socket: Socket) => void]>([
    ['connect:hung-up', 'hangs up', (socket) => socket.end()],
    ['connect:reset', 'resets the connection', (socket) => socket.resetAndDestroy()],
    [
      'connect:hung-up',
      'stops within its answer',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab'),
    ],
    ['connect:bad-response', 'speaks another protocol', (socket) => socket.end('220 mail\r\n\r\n')],
    ['200 a page', 'ends its answer with the connection', (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\na page')],
  ])('is told %s where the server %s', async (outcome, _, answer) => {
    const { ask } = exchangeWith(await raw(answer));
    expect(await ask()).toBe(outcome);
  });

  it('is told of a server that is not there', async () => {
    const port = await counting();
    await cleanups.splice(-1)[0]?.();
    expect(await exchangeWith(port).ask()).toBe('connect:ECONNREFUSED');
  });

  it('is told nothing once it is reset', async () => {
    const port = await raw((socket) => void setTimeout(() => socket.write('HTTP/1.1 204 No Content\r\n\r\n'), 20));
    const { ask, exchange } = exchangeWith(port);
    let outcome = 'nothing';
    void ask().then((it) => {
      outcome = it;
    });
    await new Promise((resolve) => setTimeout(resolve, 10));
    exchange.reset();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(outcome).toBe('nothing');
  });
});

describe('cookies', () => {
  it('are the names and values of what a response sets, without its attributes', () => {
    const header =
      'HTTP/1.1 200 OK\r\nSet-Cookie: io=s1; Path=/\r\nX: Set-Cookie: no=1\r\nset-cookie:a=b=c;Secure\r\nSet-Cookie: none';
    expect(cookiesIn(header)).toBe('io=s1; a=b=c');
    expect(cookiesIn('HTTP/1.1 200 OK\r\nContent-Length: 0')).toBe('');
  });

  it('come after those of the user', () => {
    expect(withCookies({ cookie: 'session=7', A: 'b' }, 'io=s1')).toEqual({ cookie: 'session=7; io=s1', A: 'b' });
    expect(withCookies({ A: 'b' }, 'io=s1')).toEqual({ A: 'b', Cookie: 'io=s1' });
    const own = { A: 'b' };
    expect(withCookies(own, '')).toBe(own);
  });
});
