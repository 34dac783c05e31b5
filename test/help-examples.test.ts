/** Every example that `--help` prints is run as it stands there, its words read by a shell, in a repository with the files it names. */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Server } from 'socket.io';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunLine } from '../dist/core/result.js';
import { uwsUnavailable } from '../dist/targets/uws.js';
import { type Finished, ownCache } from './bench-command.js';
import { benchHere, serveHere } from './bench-in-process.js';
import { endLine, fileOf, runLine, trialLine } from './fixtures/result-lines.js';
import { Repository } from './repository.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What is added to an example so that it does the same in less time, or beside other jobs. */
const shortened: Readonly<Record<string, string>> = {
  run: '--attempts 1 --quick --connections 5 --warmup 0s --duration 200ms --target ws',
  capacity: '--attempts 1 --quick --budget 2s --connections 5 --warmup 0s --duration 200ms',
  // The name makes the example of all scenarios one of this scenario.
  study: 'echo --attempts 1 --quick --connections 5 --warmup 0s --duration 200ms --target ws --force',
  // Few messages leave the cores to other tests: the windows of a fork take 2.4 s whatever is sent in them.
  ab: '--attempts 1 --quick --forks 1 --rate 50/s --connections 2 --warmup 0s',
  calibrate: '--only faults --quick',
  serve: '--port 0',
  probe: '--listen 0s',
};
/** Of a run against a server of somebody's. */
const ownShortened = '--connections 5 --warmup 0s --duration 200ms --trials 1 --attempts 1';
/** These measure, and a machine that is taken away by its hypervisor makes them end with 3, which is no fault of theirs. */
const measuring = ['run', 'capacity', 'study', 'ab', 'calibrate'];

const help = await benchHere(['--help']);
const commands = [...help.stdout.matchAll(/^ {2}bench (\w+)/gm)].map((match) => match[1]!);
const examples: { readonly command: string; readonly lines: string[] }[] = [];
for (const command of commands)
  examples.push({ command, lines: examplesIn((await benchHere([command, '--help'])).stdout) });

/** The commands under "Examples:", each on a line of its own with its explanation below. */
function examplesIn(text: string): string[] {
  const [, section = ''] = text.split('Examples:\n');
  return [...section.matchAll(/^ {2}(\S.*)\n {6}\S/gm)].map((match) => match[1]!);
}

const repository = new Repository();
const bin = join(repository.folder, '.bin');

/** A result of that commit, as a run with a gate leaves it. */
function storeResult(path: string, changes: Partial<RunLine>): void {
  const scenario = { ...runLine().scenario, targets: ['ws'], gates: ['delivered = 100%', 'p99 < 50ms'] };
  const trials = [0, 1, 2].map((block) => trialLine({ id: block, block }));
  repository.write(path, fileOf(runLine({ scenario, ...changes }), ...trials, endLine({ trials: 3 })));
}

beforeAll(() => {
  repository.write('.gitignore', 'node_modules\nresults/\n.bin/\n*.jsonl\n');
  repository.write('package.json', '{ "private": true, "type": "module" }\n');
  cpSync(join(root, 'scenarios'), join(repository.folder, 'scenarios'), { recursive: true });
  for (const name of ['echo.yaml', 'ws-server.mjs', 'socketio-server.mjs']) {
    copyFileSync(join(root, 'templates', name), join(repository.folder, name));
  }
  for (const name of ['server.js', 'old.js', 'new.js', 'a.js', 'b.js'])
    copyFileSync(join(root, 'templates/ws-server.mjs'), join(repository.folder, name));
  repository.write('app.js', relay);
  repository.write('app.yaml', ownScenario);
  const base = repository.commit('first');
  repository.git('tag', 'v1.2.0');
  repository.git('checkout', '--quiet', '-b', 'change');
  repository.write('README.md', 'changed\n');
  const head = repository.commit('second');
  symlinkSync(join(root, 'node_modules'), join(repository.folder, 'node_modules'));
  for (const [i, commit] of [base, head].entries())
    storeResult(`results/echo/2026-01-3${i}T09-00-00Z-${commit.slice(0, 7)}.jsonl`, {
      startedAt: `2026-01-3${i}T09:00:00.000Z`,
      git: { commit, dirty: false },
    });
  for (const [, path] of examples
    .flatMap(({ lines }) => lines)
    .join(' ')
    .matchAll(/(\S+\.jsonl)/g))
    storeResult(path!, {});
  mkdirSync(bin);
  script('bench', `exec "${process.execPath}" "${join(root, 'dist/cli/bench.js')}" "$@"`);
  // The real one would fetch packages, or empty the folder that the link leads to.
  script('npm', `ln -s "${join(root, 'node_modules')}" node_modules`);
});

/** A server of somebody's that knows nothing of bench, and what to say to it. */
const relay = `import { WebSocketServer } from 'ws';
new WebSocketServer({ port: process.env.PORT, host: '127.0.0.1' }).on('connection', (socket) =>
  socket.on('message', (data) => socket.send(String(data))),
);
`;
const ownScenario = `kind: echo
endpoint: { url: "ws://localhost:3000" }
exchange: { send: { text: "{{message}}" } }
connections: 5
load: { model: closed, inflight: 1 }
payload: { size: 64B }
phases: { warmup: 0s, measure: 1s, drain: 1s }
`;

function script(name: string, text: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

const env = { ...process.env, NO_COLOR: '1', PATH: `${bin}:${process.env['PATH']}` };

function shell(line: string): Promise<Finished> {
  const child = spawn('sh', ['-c', `exec ${line}`], {
    cwd: repository.folder,
    env: { ...env, ...ownCache() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

/** What a shell makes of an example: the words behind `bench`. */
function wordsOf(line: string): string[] {
  const script = `bench() { printf '%s\\0' "$@"; }\n${line}`;
  return execFileSync('sh', ['-c', script], { cwd: repository.folder, encoding: 'utf8' }).split('\0').slice(0, -1);
}

describe('the help', () => {
  it('lists the commands', () => {
    expect(commands).toEqual(
      expect.arrayContaining(['run', 'report', 'compare', 'ab', 'gate', 'history', 'calibrate']),
    );
  });

  it.each(examples)('of $command has an example', ({ command, lines }) => {
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(new RegExp(`^bench ${command}( |$)`));
  });
});

const usualUrl = 'http://localhost:3000';
const cleanups: (() => unknown)[] = [];
afterAll(() => Promise.all(cleanups.map((cleanup) => cleanup())));

/** A Socket.IO server of somebody's, as the examples have it. @returns where it is. */
async function echoUrl(): Promise<string> {
  const http = createServer().listen(0, '127.0.0.1');
  const io = new Server(http);
  io.on('connection', (socket) => socket.on('chat message', (text) => socket.emit('chat message', text)));
  cleanups.push(() => io.close());
  await once(http, 'listening');
  return `http://localhost:${(http.address() as AddressInfo).port}`;
}

/** Those that name a target which this Node has no binary for are refused, as `command-line.test.ts` shows. */
const all = examples
  .flatMap(({ command, lines }) => lines.map((line) => ({ command, line })))
  .filter(({ line }) => uwsUnavailable() === undefined || !/\buws\b/.test(line));

/**
 * What another example of the command, or a test of its own, runs for real: these are read whole, and end with what is
 * added, which is refused as the last of all.
 */
const readOnly: Readonly<Record<string, string>> = {
  // See `agents-one-host.test.ts`.
  'bench agent --redis redis://10.0.0.1:6379 --name a1': '--redis luck://10.0.0.1',
  'bench agents --redis redis://10.0.0.1:6379': '--redis luck://10.0.0.1',
  'bench run echo --agents redis://10.0.0.1:6379 --listen 10.0.0.1 --allow-remote': '--gate luck',
  // See `calibrate.test.ts`.
  'bench calibrate': '--only luck',
  'bench calibrate --patience 10m': '--only luck',
  // See `capacity-command.test.ts`, which searches two targets in a process.
  'bench capacity --target ws,socketio': '--from luck',
  'bench capacity echo --target ws --objective "p99 < 20ms"': '--from luck',
  // See `ab-command.test.ts`.
  'bench ab echo --base main --target ./server.js --setup "npm ci"': '--gate luck',
  // See `ab-own-server.test.ts`.
  'bench ab app.yaml --base main --start "node app.js" --setup "npm ci" --explain': '--gate luck',
  // See `gate-command.test.ts`.
  'bench run echo --target ws --gate "p99 < 50ms" --gate "delivered = 100%"': '--gate luck',
  'bench run echo --quick': '--gate luck',
  // See `live-run.test.ts` and `page.test.ts`.
  'bench run echo --quick --live': '--gate luck',
  'bench run echo --quick --html echo.html': '--gate luck',
  'bench run echo --target ws,uws --inflight 1 --duration 5s': '--gate luck',
  // See `study-command.test.ts`.
  'bench study': '--duration luck',
  'bench study echo ack broadcast --out study.html': '--duration luck',
  'bench study echo push --quick': '--duration luck',
};

/** Has a process of its own, started by a shell. The others are spared the start of one; a shell reads their words. */
const first = all.find(({ command }) => command === 'run');

function finished(command: string, line: string, whole: string): Promise<Finished> {
  if (line === first?.line) return shell(whole);
  if (command === 'serve' || line.includes('--page')) return interrupted(wordsOf(whole));
  return benchHere(wordsOf(whole), repository.folder, { PATH: env.PATH }, '');
}

async function interrupted(words: readonly string[]): Promise<Finished> {
  const { stdout, stderr, interrupt } = await serveHere(words, repository.folder);
  return { code: await interrupt(), stdout, stderr };
}

async function expectWorks(command: string, line: string): Promise<void> {
  const usual = command === 'run' && line.includes(usualUrl) ? ownShortened : (shortened[command] ?? '');
  // The usual scenario is searched by connections, an echo by its rate.
  const to = / (echo|http)/.test(line) ? '--to 200/s' : '--to 20';
  const more = command === 'capacity' ? `${usual} ${to}` : usual;
  const whole = `${line.includes(usualUrl) ? line.replace(usualUrl, await echoUrl()) : line} ${more}`;
  const { code, stdout, stderr } = await finished(command, line, whole);
  // A machine that stands still for a moment may miss a gate on latency, too.
  const fine = measuring.includes(command) ? [0, 3, ...(line.includes('--gate') ? [1] : [])] : [0];
  expect(fine, stdout + stderr).toContain(code);
  expect(stdout).not.toBe('');
}

it.each(examples)('no example of $command is broken on a screen of 80 columns', async ({ command, lines }) => {
  const { columns } = process.stdout;
  Object.assign(process.stdout, { columns: 80 });
  const { stdout } = await benchHere([command, '--help']).finally(() => Object.assign(process.stdout, { columns }));
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(examplesIn(stdout)).toEqual(lines);
  // Nothing but whole commands and what explains them.
  const [, section = ''] = stdout.split('Examples:\n');
  expect(section.trimEnd().split('\n\n')[0]!.split('\n')).toHaveLength(2 * lines.length);
});

async function expectRead(line: string, refused: string): Promise<void> {
  const { code, stderr } = await benchHere(wordsOf(`${line} ${refused}`), repository.folder);
  expect(stderr).toContain('"luck"');
  expect(code).toBe(2);
}

describe('the example', () => {
  it.each(all)('$line works', ({ command, line }) => {
    const refused = readOnly[line];
    return refused === undefined ? expectWorks(command, line) : expectRead(line, refused);
  });
});
