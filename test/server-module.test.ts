/** What a user's module does wrong is told in a sentence with its line, and keeps bench neither from ending nor from going on. */

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Workload } from '../dist/core/scenario.js';
import { prepare } from '../dist/runners/run/prepare.js';
import { ServerProcess } from '../dist/runners/server/server-process.js';
import { bench, readTrials, startBench, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';

const folder = temporaryFolder();
symlinkSync(fileURLToPath(new URL('../node_modules', import.meta.url)), join(folder, 'node_modules'));

const about = `protocol: 'websocket', transport: 'websocket', library: 'ws'`;
/** On the third line stands what `start` does. */
const starting = (body: string): string =>
  `export default { ${about},\n  async start({ host, port }) {\n${body}\n} };\n`;
const listening = `import { createServer } from 'node:net';
import { once } from 'node:events';
const listen = async ({ host, port }, rest) => {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  return { port: server.address().port, settings: {}, ...rest };
};
`;

/** Keeps the thread for ever, as a loop without end does, and costs no CPU. */
const blocking = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);';

let written = 0;
function module(text: string): string {
  const path = join(folder, `server${++written}.mjs`);
  writeFileSync(path, text);
  return path;
}

const workload: Workload = {
  kind: 'echo',
  connections: 1,
  publishers: 1,
  load: { model: 'closed', inflight: 1 },
  payload: { sizeBytes: 64, type: 'text' },
  phases: { warmupMs: 0, measureMs: 100, drainMs: 100 },
  connect: { ratePerSecond: 1000, timeoutMs: 1000 },
};

/** What is said of a module before a run, with `X` for its path and `server.mjs` for its name. */
async function refusal(text: string): Promise<string> {
  const path = module(text);
  const scenario = { name: 'x', question: '', targets: [path], workloads: [workload], trials: 1 };
  const said = await prepare(scenario, [path]).then(
    () => 'nothing',
    (error: Error) => error.message,
  );
  return said.replaceAll(path, 'X').replace(/server\d+\.mjs/g, 'server.mjs');
}

function processesWith(text: string): string[] {
  const all = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
  return all.filter((line) => line.includes(text) && !line.includes('ps -eo'));
}

async function gone(text: string): Promise<boolean> {
  for (let i = 0; i < 50 && processesWith(text).length > 0; i++) await sleep(100);
  return processesWith(text).length === 0;
}

afterAll(async () => {
  expect(await gone(folder)).toBe(true);
});

const loaded = 'The server module X cannot be loaded: ';
const started = 'start() of X failed: ';

describe('a server module is refused before a run, with what it did and where, when', () => {
  it.each([
    ['it throws', '\nthrow new TypeError("bad\\nand worse")', `${loaded}TypeError: bad (server.mjs:2).`],
    ['it throws no error', 'throw { a: 1 }', `${loaded}{ a: 1 }.`],
    ['it is no JavaScript', '\nconst a = ;', `${loaded}SyntaxError: Unexpected token ';' (server.mjs:2).`],
    [
      'it needs what is not there',
      "import 'no-such';",
      `${loaded}Cannot find package 'no-such' imported from server.mjs.`,
    ],
    [
      'it ends its process',
      'import "ws";\n\nprocess.exit(0);',
      `${loaded}process.exit(0) (server.mjs:3); the server process exited with code 0`,
    ],
    [
      'nobody hears its error',
      '\nPromise.reject(new Error("alone"));\nawait new Promise((done) => setTimeout(done, 2000));',
      `${loaded}alone (server.mjs:2); the server process exited with code 1`,
    ],
    [
      'it is killed',
      'console.error("Error: last\\n    at x (/y.js:1:1)\\n    at z"); process.abort();',
      'target X: the server process was killed by SIGABRT; its last words: Error: last',
    ],
    [
      'unavailable() throws',
      `export default { ${about}, start() {},\n  unavailable() { return undefined.x; } };`,
      "unavailable() of X failed: TypeError: Cannot read properties of undefined (reading 'x') (server.mjs:2).",
    ],
    [
      'unavailable() returns no sentence',
      `export default { ${about}, start() {}, unavailable: async () => 'no' };`,
      "unavailable() of X returned Promise { 'no' }; it must return a sentence, or nothing.",
    ],
    [
      'start() throws',
      `export default { ${about},\n  start() { throw new Error('no'); } };`,
      `${started}no (server.mjs:2)`,
    ],
    ['start() rejects', starting('throw new Error("no\\x1b[31m");'), `${started}no\\x1b[31m (server.mjs:3)`],
    [
      'start() ends its process',
      starting('process.exit(7);'),
      `${started}process.exit(7) (server.mjs:3); the server process exited with code 7`,
    ],
    ['start() returns nothing', starting(''), `${started}it returned nothing, not { port, settings, close }`],
    [
      'start() returns no port',
      starting('return { settings: {} };'),
      `${started}it returned an object without a port, not { port, settings, close }`,
    ],
    [
      'start() returns no port that there can be',
      starting('return { port: "80" };'),
      `${started}it returned an object with the port "80", not { port, settings, close }`,
    ],
    [
      'start() returns a port where nothing listens',
      starting('return { port: 1 };'),
      'start() of X returned the port 1, where nothing listens: ECONNREFUSED',
    ],
    [
      'its settings cannot be stored',
      starting('return { port: 1, settings: { tls: { on: true } } };'),
      'start() of X returned settings.tls: a map; each is to be a text, a number, true or false',
    ],
    [
      'it has null for settings',
      starting('return { port: 1, settings: null };'),
      'start() of X returned settings: null; each is to be a text, a number, true or false',
    ],
  ])('%s', async (_what, text, expected) => {
    expect(await refusal(text)).toBe(expected);
  });

  it('it is never loaded, or never started: after a limit', async () => {
    const [loops, waits, hangs] = await Promise.all([
      refusal(blocking),
      refusal('setInterval(() => {}, 1000); await new Promise(() => {});'),
      refusal(starting('return new Promise(() => {});')),
    ]);
    expect(loops).toMatch(/^The server module X was not loaded within 10 s: .*Only start\(\) may take time/);
    expect(waits).toBe(loops);
    expect(hangs).toMatch(/^start\(\) of X did not end within 10 s; it is to return { port, settings, close } as soon/);
  });

  it('it is a module only elsewhere: with the remedy', async () => {
    const path = join(folder, 'common.js');
    writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }');
    writeFileSync(path, 'import "ws";\nexport default {};\n');
    const scenario = { name: 'x', question: '', targets: [path], workloads: [workload], trials: 1 };
    await expect(prepare(scenario, [])).rejects.toThrow(
      /outside a module \(common\.js:1\)\. Name it common\.mjs, or put/,
    );
  });
});

describe('bench', () => {
  const lively = "import { createServer } from 'node:http';\ncreateServer().listen(0);\nsetInterval(() => {}, 100);\n";

  it('exits with 2 and no green gate when a module ends its process', async () => {
    const { code, stdout, stderr } = await benchHere([
      'run',
      'echo',
      '--target',
      module('process.exit(0);'),
      '--gate',
      'p99 < 1s',
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('process.exit(0)');
    expect(stdout).toBe('');
  });

  it.each(['', lively])(
    'says of a file that is no target what one looks like, whether it listens or not',
    async (text) => {
      const { code, stderr } = await benchHere([
        'run',
        'echo',
        '--target',
        module(`${text}export const server = 1;\n`),
      ]);
      expect(code).toBe(2);
      expect(stderr).toContain('is not a target: its default export is missing or not an object');
      expect(stderr).toContain("export default {\n    protocol: 'websocket'");
      expect(stderr).toContain('async start({ kind, host, port })');
    },
  );

  it('measures a module that listens, waits and talks when it is loaded, closes each server and then ends', async () => {
    const log = join(folder, 'closed.log');
    const text = `import { appendFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { WebSocketServer } from 'ws';
console.log('hello'); console.error('hello'); process.send('ready'); process.send(null);
export default { ${about}, async start({ host, port }) {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', ${JSON.stringify(log)}], { stdio: 'inherit' });
  const server = new WebSocketServer({ host, port });
  await new Promise((listening) => server.once('listening', listening));
  server.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));
  appendFileSync(${JSON.stringify(log)}, 'started\\n');
  return { port: server.address().port, close() { appendFileSync(${JSON.stringify(log)}, 'closed\\n'); throw new Error('late'); } };
} };\n`;
    const out = join(folder, 'lively.jsonl');
    const brief = ['--trials', '1', '--connections', '2', '--warmup', '0s', '--duration', '100ms'];
    const run = ['run', 'echo', '--target', module(lively + text), ...brief, '--out', out];
    const { code, stderr } = await bench(run);
    // A machine that is taken away by its hypervisor makes trials invalid (3), which is no fault of the server.
    expect([0, 3], stderr).toContain(code);
    expect(readTrials(out).at(-1)!.counts.delivered).toBeGreaterThan(0);
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    expect(lines.filter((line) => line === 'closed')).toHaveLength(lines.length / 2);
    expect(await gone(log)).toBe(true);
  });
});

describe('the process of a server', () => {
  const request = { kind: 'echo', host: '127.0.0.1', port: 0, alsoListen: [] } as const;
  const start = (text: string): Promise<ServerProcess> =>
    ServerProcess.start(
      { target: module(listening + text), ...request },
      { server: undefined, runners: [0], keepAwake: false, description: '' },
    );

  it.each(['await new Promise(() => {});', blocking])(
    'ends with all that it started when close() never does: %s',
    async (body) => {
      const mark = join(folder, `child-${++written}`);
      const server = await start(`import { spawn } from 'node:child_process';
export default { ${about}, async start(request) {
  spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', ${JSON.stringify(mark)}], { stdio: 'ignore' });
  return listen(request, { async close() { ${body} } });
} };`);
      expect(processesWith(mark)).not.toEqual([]);
      await server.stop();
      expect(await gone(mark)).toBe(true);
    },
  );

  it.each<[string, string]>([
    ['waits', ''],
    ['is too busy to notice', 'setTimeout(() => { for (;;); }, 200);'],
  ])('ends with all that it started when bench is killed, while it %s', async (_, body) => {
    const mark = join(folder, `child-${++written}`);
    const path = module(`${listening}import { spawn } from 'node:child_process';
export default { ${about}, async start(request) {
  spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', ${JSON.stringify(mark)}], { stdio: 'ignore' });
  ${body}
  return listen(request);
} };`);
    const { child } = startBench(['serve', path], folder);
    // It says where it listens.
    await once(child.stdout ?? child, 'data');
    expect(processesWith(mark)).not.toEqual([]);
    await sleep(400);
    child.kill('SIGKILL');
    expect(await gone(mark)).toBe(true);
    expect(await gone(path)).toBe(true);
  });

  it.each([
    ["setTimeout(() => { throw new Error('late'); }, 50)", 'the server failed: late (server.mjs:9)', 1],
    ["setTimeout(() => Promise.reject('late'), 50)", 'the server failed: late', 1],
    ['setTimeout(() => process.exit(9), 50)', 'the server failed: process.exit(9) (server.mjs:9)', 9],
  ])('tells why it ended: %s', async (body, why, code) => {
    const server = await start(
      `export default { ${about}, async start(request) {\n${body};\nreturn listen(request); } };`,
    );
    const said = await server.died.catch((error: Error) => error.message.replace(/server\d+/, 'server'));
    expect(said).toBe(`${why}; the server process exited with code ${code}`);
  });

  it('goes on where the module hears its own errors', async () => {
    const heard = join(folder, 'heard');
    const server = await start(`import { writeFileSync } from 'node:fs';
process.on('uncaughtException', () => writeFileSync(${JSON.stringify(heard)}, ''));
export default { ${about}, async start(request) { setTimeout(() => { throw new Error('late'); }, 10); return listen(request); } };`);
    while (!existsSync(heard)) await sleep(20);
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
    await server.stop();
  });
});

describe('bench serve', () => {
  it.each([
    [`export default { ${about}, start() {}, unavailable() { throw new Error('no'); } };`, 'unavailable() of'],
    [`export default { ${about},\n  start() { throw new Error('no'); } };`, 'cannot listen on port 0: start() of'],
  ])('says what a module did wrong', async (text, expected) => {
    const { code, stderr } = await benchHere(['serve', module(text)]);
    expect(code).toBe(2);
    expect(stderr).toContain(expected);
    expect(stderr).toMatch(/ failed: no \(server\d+\.mjs:/);
    expect(stderr).not.toContain('bug');
  });

  it('shows what the module prints, and ends when its server does', async () => {
    const text = `${listening}export default { ${about}, async start(request) {
console.log('mine'); setTimeout(() => { throw new Error('late'); }, 500); return listen(request); } };`;
    const { code, stdout, stderr } = await startBench(['serve', module(text)], folder).finished;
    expect(stdout).toContain('mine\n');
    expect(stderr).toContain('the server failed: late (server');
    expect(code).toBe(2);
  });
});
