/** `bench probe`: what it says of every server of ours, of servers as people write them, and of those that are none. */

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { Server } from 'socket.io';
import { afterAll, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ProbeReport } from '../dist/runners/probe/probe-report.js';
import { uwsUnavailable } from '../dist/targets/uws.js';
import { temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';
import { RunningServers } from './fixtures/running-servers.js';

const servers = new RunningServers();
afterAll(() => servers.end());

const quickly = ['--listen', '0s', '--timeout', '1500ms'];
async function probed(...args: string[]): Promise<{ readonly report: ProbeReport; readonly code: number }> {
  const { code, stdout } = await benchHere(['probe', ...args, '--json', ...quickly]);
  return { report: JSON.parse(stdout), code: code ?? -1 };
}

const namesOf = ({ stages }: ProbeReport): string[] => stages.map(({ name }) => name);
const worksOf = ({ transports }: ProbeReport) =>
  Object.fromEntries(transports.map(({ transport, works }) => [transport, works]));

describe('every target', () => {
  it.each(['ws', 'uws'])('%s is a WebSocket', async (name) => {
    if (name === 'uws' && uwsUnavailable()) return;
    const { report, code } = await probed(`ws://127.0.0.1:${await servers.target(name)}`);
    expect([code, report.transport, report.failure]).toEqual([0, 'websocket', undefined]);
    expect(namesOf(report)).toEqual(['TCP', 'HTTP upgrade']);
    expect(report.roundTrips).toMatchObject({ of: 'ping', asked: 20 });
    expect(report.roundTrips!.ms).toHaveLength(20);
  });

  it.each([
    ['socketio', 'websocket', { websocket: true, polling: true, upgrade: true }],
    ['socketio-websocket', 'websocket', { websocket: true, polling: false }],
    ['socketio-uws', 'websocket', { websocket: true, polling: false }],
    ['socketio-polling', 'polling', { websocket: false, polling: true, upgrade: false }],
  ])('%s is Socket.IO over what it serves', async (name, transport, works) => {
    if (name === 'socketio-uws' && uwsUnavailable()) return;
    const { report, code } = await probed(`http://127.0.0.1:${await servers.target(name)}`);
    expect([code, report.transport]).toEqual([0, transport]);
    expect(worksOf(report)).toEqual(works);
    expect(report.engineio).toMatchObject({ pingIntervalMs: 25_000, pingTimeoutMs: 20_000 });
    expect(namesOf(report).at(-1)).toBe('namespace /');
    expect(report.roundTrips?.ms.length).toBe(transport === 'polling' ? undefined : 20);
  });

  it.each(['websocket', 'polling', 'upgrade'])(
    'is opened by the transport that is asked for, %s',
    async (transport) => {
      const url = `http://127.0.0.1:${await servers.target('socketio')}`;
      const { report, code } = await probed(url, '--transport', transport, '--emit', 'message');
      expect([code, report.transport]).toEqual([0, transport]);
      expect(report.roundTrips).toMatchObject({ of: 'echo', asked: 20 });
      expect(report.roundTrips!.ms).toHaveLength(20);
      expect(namesOf(report).includes('upgrade to WebSocket')).toBe(transport === 'upgrade');
    },
  );
});

describe('a server as people write it', () => {
  it('is told by the answer first, its stages and settings, and no secret', async () => {
    const port = await servers.own('chat');
    const args = ['probe', `http://localhost:${port}/chat`, '--auth', 'token=t-471147114711', ...quickly];
    const { code, stdout, stderr } = await benchHere(args);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^Ready after [\d.]+ ms: Socket\.IO over WebSocket at http:\/\/localhost:\d+\/chat$/);
    for (const stage of ['DNS', 'TCP', 'HTTP upgrade', 'Engine.IO open', 'namespace /chat', 'ready'])
      expect(
        lines.some((line) => line.startsWith(`${stage} `)),
        stage,
      ).toBe(true);
    expect(stdout).toContain('pings each 25 s and waits 20 s');
    expect(stdout).toMatch(/round trips +20 pings: min/);
    expect(stdout).not.toContain('471147114711');
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
  });

  it('is timed by an event that it acknowledges, or a text that it sends back', async () => {
    const chat = `http://localhost:${await servers.own('chat')}/chat`;
    const message = ['--emit', 'chat message', '--args', '[{"text":"{{message}}"}]'];
    const { report } = await probed(chat, '--auth', '{"token":"t-1"}', ...message);
    expect(report.roundTrips).toMatchObject({ of: 'acknowledgement', asked: 20 });
    const relay = `ws://localhost:${await servers.own('relay')}/relay?token=t-1`;
    const plain = await probed(relay, '--subprotocol', 'chat.v1', '--text', '{"join":"{{message}}"}');
    expect(plain.report).toMatchObject({ subprotocol: 'chat.v1', roundTrips: { of: 'echo' } });
    expect(plain.report.roundTrips!.ms).toHaveLength(20);
  });

  it('is told with what it says of itself, escaped, and with compression that it takes', async () => {
    const io = new Server(0, { perMessageDeflate: true });
    const port = (io.httpServer.address() as { port: number }).port;
    io.on('connection', (socket) => socket.emit('\u001b[31mnews', { token: 'abc-secret', text: '\u202eevil' }));
    const args = [`http://127.0.0.1:${port}/?key=abc-secret`, '--listen', '100ms', '--timeout', '2s'];
    const { code, stdout } = await benchHere(['probe', ...args]);
    await io.close();
    expect(code).toBe(0);
    expect(stdout).toContain('"\\x1b[31mnews" 1 x: {"token":"(not shown)","text":"\\u202eevil"}');
    expect(stdout).toContain('compression  permessage-deflate');
    expect(stdout).not.toMatch(/abc-secret|\u202e/);
  });

  it('is left at once when it refuses the namespace, however long it would keep the connection', async () => {
    const io = new Server(0, { pingInterval: 600_000 });
    io.use((_socket, next) => next(new Error('nobody')));
    const port = (io.httpServer.address() as { port: number }).port;
    const { code, stderr } = await benchHere(['probe', `http://127.0.0.1:${port}`, ...quickly]);
    expect(code).toBe(2);
    expect(stderr).toContain('nobody');
    // Each of them is closed by bench, and none by a time-out.
    await expect.poll(() => io.engine.clientsCount, { timeout: 10_000 }).toBe(0);
    await io.close();
  });

  it('sets cookies that are not shown', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    server.on('headers', (headers) => headers.push('Set-Cookie: sid=secret; HttpOnly', 'X-Served-By: three'));
    const { port } = server.address() as { port: number };
    const { stdout } = await benchHere(['probe', `ws://127.0.0.1:${port}`, ...quickly]);
    server.close();
    expect(stdout).toContain('set-cookie: (not shown); x-served-by: three');
    expect(stdout).not.toContain('secret');
  });

  it('is reached by TLS, with its certificate', async () => {
    const made = await generate([{ name: 'commonName', value: 'localhost' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    });
    const certificate = join(temporaryFolder(), 'certificate.pem');
    writeFileSync(certificate, made.cert);
    const https = createSecureServer({ cert: made.cert, key: made.private });
    const io = new Server(https);
    const port = await servers.listening(https);
    const url = `https://localhost:${port}`;
    const { report, code } = await probed(url, '--ca', certificate);
    expect([code, report.failure]).toEqual([0, undefined]);
    expect(namesOf(report)).toEqual(['DNS', 'TCP', 'TLS', 'HTTP upgrade', 'Engine.IO open', 'namespace /']);
    expect(worksOf(report)).toEqual({ websocket: true, polling: true, upgrade: true });
    expect(report.tls).toMatchObject({ version: 'TLSv1.3', subject: 'localhost' });
    expect((await probed(url, '--insecure')).code).toBe(0);
    const { code: refused, stderr } = await benchHere(['probe', url, ...quickly]);
    expect([refused, stderr]).toEqual([
      2,
      expect.stringMatching(/certificate of localhost:\d+ is not trusted .*--ca FILE/),
    ]);
    await io.close();
  });
});

describe('what does not work', () => {
  const silent = createTcpServer((socket) => socket.on('error', () => {}));
  const plain = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const mute = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: false });
  plain.on('connection', (socket: WebSocket) => socket.send('hello'));
  afterAll(() => {
    plain.close();
    mute.close();
  });
  const portOf = (server: WebSocketServer): number => (server.address() as { port: number }).port;

  const urls: Readonly<Record<string, () => Promise<string>>> = {
    nobody: async () => 'http://localhost:1',
    chat: async () => `http://localhost:${await servers.own('chat')}`,
    relay: async () => `ws://localhost:${await servers.own('relay')}`,
    http: async () => `localhost:${await servers.http((_, response) => response.writeHead(404).end('nothing here'))}`,
    page: async () => `localhost:${await servers.http((_, response) => response.end('<html>a page</html>'))}`,
    old: async () => `http://localhost:${await servers.http((_, response) => response.end('96:0{"sid":"x"}2:40'))}`,
    silent: async () => `http://localhost:${await servers.listening(silent)}`,
    plain: async () => `http://localhost:${portOf(plain)}`,
    mute: async () => `ws://localhost:${portOf(mute)}`,
    socketio: async () => `127.0.0.1:${await servers.target('socketio')}`,
    elsewhere: async () => 'http://192.0.2.1',
  };

  it.each([
    ['a port where nothing listens', 'nobody', '', '', [], /nothing listens at localhost:1; start the server$/],
    ['another host', 'elsewhere', '', '', [], /is another host, .*--allow-remote/],
    [
      'a wrong namespace',
      'chat',
      '',
      '/chats',
      ['--auth', 'token=t-1'],
      /refused the namespace "\/chats": "Invalid namespace"; .*--namespace/,
    ],
    ['a wrong token', 'chat', '', '/chat', ['--auth', 'token=nobody'], /refused the namespace "\/chat": "bad token"/],
    [
      'a wrong token in the query',
      'relay',
      '',
      '/relay?token=nobody',
      [],
      /401 Unauthorized: bad token.*query of the URL/,
    ],
    ['a wrong path', 'relay', '', '/relays?token=t-1', [], /404 Not Found.*path of the URL/],
    ['an HTTP server that is not of Socket.IO', 'http', 'http://', '', [], /404 Not Found: nothing here.*--path/],
    [
      'an HTTP server that is no WebSocket server',
      'http',
      'ws://',
      '',
      [],
      /404 Not Found: nothing here.*WebSocket server/,
    ],
    ['an HTTP server with a page for everything', 'page', 'http://', '', [], /200 OK: <html>a page.*--path/],
    ['Socket.IO 2', 'old', '', '', [], /older Engine\.IO \(EIO=3, Socket\.IO 2\)/],
    ['a server that says nothing', 'silent', '', '', [], /opened no connection within 1\.5 s.*--timeout/],
    [
      'plain WebSocket where Socket.IO is asked for',
      'plain',
      '',
      '',
      [],
      /does not speak Socket\.IO.*probe ws:\/\/localhost/,
    ],
    [
      'Socket.IO where plain WebSocket is asked for',
      'socketio',
      'ws://',
      '',
      [],
      /Socket\.IO answers there: probe http:\/\/127\.0\.0\.1/,
    ],
    ['TLS where there is none', 'http', 'https://', '', [], /does not speak TLS.*http:\/\/ in the URL/],
    ['pings that nobody answers', 'mute', '', '', [], /of 20 pings the first was not answered within 1\.5 s/],
    [
      'an event that nobody answers',
      'socketio',
      'http://',
      '',
      ['--emit', 'nothing'],
      /of 20 messages the first was not answered .*--emit/,
    ],
    [
      'a transport that is not served',
      'http',
      'http://',
      '',
      ['--transport', 'polling'],
      /404 Not Found: nothing here/,
    ],
    ['a URL with a password', 'http', 'http://me:secret@', '', [], /holds a name or password/],
    ['a scheme that is none of WebSocket', 'http', 'ftp://', '', [], /has the scheme ftp:/],
    ['flags of Socket.IO for plain WebSocket', 'mute', '', '', ['--auth', 'a=b'], /--auth is of Socket\.IO/],
    [
      'flags of WebSocket for Socket.IO',
      'nobody',
      '',
      '',
      ['--text', 'a'],
      /--text is of plain WebSocket.* or --protocol websocket/,
    ],
    ['arguments of no event', 'nobody', '', '', ['--args', '[]'], /--args goes with --emit/],
    [
      'a certificate that is in no file',
      'nobody',
      '',
      '',
      ['--ca', 'none.pem'],
      /--ca: .*none\.pem cannot be read: ENOENT/,
    ],
    ['auth that is no JSON', 'nobody', '', '', ['--auth', '{token}'], /--auth is no JSON/],
    ['a header without a colon', 'nobody', '', '', ['--header', 'Cookie'], /--header is written like/],
    ['a header that is none', 'nobody', '', '', ['--header', 'X: \u20ac'], /--header has a character/],
    [
      'a subprotocol twice',
      'mute',
      '',
      '',
      ['--subprotocol', 'a', '--subprotocol', 'a'],
      /--subprotocol names one twice/,
    ],
    ['a namespace that is no text', 'nobody', '', '/%E0', [], /"\/%E0" is no namespace/],
    ['a time without a unit', 'nobody', '', '', ['--timeout', '5'], /--timeout: 5 has no unit/],
  ] as const)('%s', async (_, server, scheme, path, flags, said) => {
    const url = `${scheme}${await urls[server]!()}${path}`;
    const { code, stdout, stderr } = await benchHere(['probe', url, ...quickly, ...flags]);
    expect(stderr.trim().replace(/\s+/g, ' ')).toMatch(said);
    expect(code, stdout).toBe(2);
    expect(stderr + stdout).not.toMatch(/ {4}at |secret|token=nobody/);
  });
});
