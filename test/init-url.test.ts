/** `bench init --url`: looks at a server that runs, and writes a scenario that measures it as it is. */

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Server } from 'socket.io';
import { afterEach, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { parse } from 'yaml';
import { readTrials, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';
import { endOwnServers, startOwnServer } from './own-servers.js';

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  endOwnServers();
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function serving(set: (io: Server) => void): Promise<number> {
  const http = createServer();
  const io = new Server(http);
  set(io);
  cleanups.push(() => io.close());
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return (http.address() as AddressInfo).port;
}

async function plain(answer: (text: string) => string): Promise<number> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => socket.on('message', (data) => socket.send(answer(String(data)))));
  cleanups.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port;
}

/** @returns the scenario that was written, what was said, and the trials of a run of it. */
async function init(url: string, ...flags: string[]) {
  const folder = temporaryFolder();
  const { code, stdout, stderr } = await benchHere(['init', 'load', '--url', url, ...flags], folder);
  expect(code, stderr).toBe(0);
  const text = readFileSync(join(folder, 'load/server.yaml'), 'utf8');
  const short = ['--quick', '--connections', '4', '--warmup', '0s', '--duration', '300ms', '--out', 'own.jsonl'];
  const run = await benchHere(['run', 'load/server.yaml', ...short], folder);
  expect([0, 3], run.stderr).toContain(run.code);
  return {
    scenario: parse(text),
    text,
    said: stdout.replace(/\s+/g, ' '),
    trials: readTrials(join(folder, 'own.jsonl')),
  };
}

it('finds an echo of Socket.IO, and its run accounts for every message', async () => {
  const port = await serving((io) =>
    io.on('connection', (socket) => {
      socket.emit('welcome', 'hello');
      socket.on('echo', (text) => socket.emit('echo', text));
    }),
  );
  const { scenario, said, trials } = await init(`http://localhost:${port}`);
  expect(said).toMatch(/is a Socket\.IO server; it speaks websocket, polling, upgrade\. Unasked it sent .*welcome/);
  expect(said).toMatch(/What came back: the event .*echo.* comes back to its sender alone\..*wrote load\/server\.yaml/);
  expect(scenario).toMatchObject({ kind: 'echo', exchange: { send: { emit: 'echo' }, receive: { event: 'echo' } } });
  for (const { counts } of trials) expect(counts).toMatchObject({ lost: 0, unrecognised: 0, errors: {} });
  expect(trials[0]?.counts.delivered).toBeGreaterThan(0);
});

it('finds that a message goes to all, wrapped, and behind a namespace with auth', async () => {
  const port = await serving((io) => {
    const chat = io.of('/chat');
    chat.use((socket, next) => next(socket.handshake.auth['token'] === 't-1' ? undefined : new Error('bad token')));
    chat.on('connection', (socket) =>
      socket.on('chat message', (said) => {
        if (typeof said?.text === 'string') chat.emit('chat message', { id: 1, text: said.text });
      }),
    );
  });
  const { scenario, trials } = await init(`http://localhost:${port}/chat`, '--auth', 'token=t-1');
  expect(scenario).toMatchObject({
    kind: 'broadcast',
    endpoint: { auth: { token: 't-1' } },
    exchange: { send: { emit: 'chat message', args: [{ text: '{{message}}' }] } },
  });
  for (const { counts } of trials) expect(counts).toMatchObject({ lost: 0, errors: {}, owed: 4 * counts.sent });
});

it('finds that messages are only acknowledged', async () => {
  const port = await serving((io) =>
    io.on('connection', (socket) => socket.on('message', (_text, answer) => answer?.('stored'))),
  );
  const { scenario, trials } = await init(`http://localhost:${port}`);
  expect(scenario).toMatchObject({ kind: 'ack', exchange: { send: { emit: 'message', ack: true } } });
  expect(trials[0]?.counts.delivered).toBeGreaterThan(0);
});

it('finds plain WebSocket at a URL of http, and the text that comes back', async () => {
  const port = await plain((text) => {
    const data = text.startsWith('{') ? JSON.parse(text).data : undefined;
    return JSON.stringify({ type: 'reply', data: data ?? 'what?' });
  });
  const { scenario, said, trials } = await init(`http://localhost:${port}/socket`);
  expect(said).toContain('is a WebSocket server');
  expect(scenario).toMatchObject({
    kind: 'echo',
    endpoint: { url: `ws://localhost:${port}/socket` },
    exchange: { send: { text: '{"type":"message","data":"{{message}}"}' } },
  });
  for (const { counts } of trials) expect(counts).toMatchObject({ lost: 0, errors: {} });
});

it('holds connections where nothing comes back, and shows how to say what comes back', async () => {
  const port = await startOwnServer('relay');
  const url = `ws://localhost:${port}/relay?token=t-1`;
  const { scenario, text, said, trials } = await init(url, '--subprotocol', 'chat.v1');
  expect(scenario.kind).toBe('idle');
  expect(said).not.toContain('token=');
  expect(said).toMatch(/Nothing came back of .*only holds connections until you say what to send/);
  // The example is one that can be used: uncommented, it replaces the kind.
  const example = parse(text.split('For example:\n')[1]!.replaceAll(/^# /gm, ''));
  expect(example).toMatchObject({
    kind: 'room',
    exchange: { join: [{ until: 'joined' }], send: { text: expect.stringContaining('{{message}}') } },
  });
  expect(trials[0]?.kind).toBe('idle');
});

it.each([
  ['nobody listens there', 'http://localhost:1', [], /nothing listens at localhost:1; start the server/],
  ['it is another host', 'http://192.0.2.1', [], /another host, .*--allow-remote/],
  ['there is no URL', undefined, ['--emit', 'a'], /--emit goes with --url/],
] as const)('says in a sentence that %s, and writes nothing', async (_, url, flags, said) => {
  const folder = temporaryFolder();
  const { code, stderr } = await benchHere(['init', ...(url ? ['--url', url] : []), ...flags], folder);
  expect(stderr.replace(/\s+/g, ' ')).toMatch(said);
  expect(code).toBe(2);
});

it('says what a server answers that lets nobody in', async () => {
  const port = await startOwnServer('chat');
  const { code, stderr } = await benchHere(['init', '--url', `http://localhost:${port}/chat`]);
  expect(code).toBe(2);
  expect(stderr.replace(/\s+/g, ' ')).toMatch(/refused the namespace .*bad token.*--auth/);
});
