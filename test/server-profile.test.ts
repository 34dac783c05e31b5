import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { functionsOf } from '../dist/core/profile/functions.js';
import type { ProfilePlan, ProfileReading } from '../dist/core/profile/profile-reading.js';
import type { Cores } from '../dist/runners/machine/cores.js';
import { monotonicClock } from '../dist/runners/machine/monotonic-clock.js';
import { countsIn } from '../dist/runners/profiler/traced-calls.js';
import { OwnServerProcess } from '../dist/runners/server/own-server-process.js';
import { ServerProcess } from '../dist/runners/server/server-process.js';
import { freePort } from '../dist/targets/http/free-port.js';
import { temporaryFolder } from './bench-command.js';

const folder = temporaryFolder();
const cores: Cores = { server: undefined, runners: [], keepAwake: false, description: '' };
const clock = monotonicClock();

/** Works all the time, in `hash` alone, which calls code of Node and native code. */
const busy = `import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
function hash(text) {
  return createHash('sha256').update(text).digest('hex');
}
function turn() {
  for (let i = 0; i < 500; i++) hash('x'.repeat(1000));
  setImmediate(turn);
}
turn();
`;
const module = join(folder, 'busy.mjs');
writeFileSync(
  module,
  `${busy}export default { protocol: 'websocket', transport: 'websocket', library: 'ws', async start({ host, port }) {
  const server = createServer();
  await once(server.listen(port, host), 'listening');
  return { port: server.address().port, settings: {}, close: () => server.close() };
} };
`,
);
const program = join(folder, 'program.mjs');
writeFileSync(program, `${busy}createServer().listen(Number(process.env.PORT), '127.0.0.1');\n`);

/** Begins so late because on a busy machine it takes long to load the profiler. */
function plan(): ProfilePlan {
  const nowUs = clock.nowUs();
  return {
    spans: [
      [nowUs + 500_000, nowUs + 600_000],
      [nowUs + 700_000, nowUs + 800_000],
    ],
    intervalUs: 500,
  };
}

/** Most of the work is where it is done, with the line at which the function begins. */
function expectHash({ tree, cpu }: ProfileReading, file: string): void {
  const functions = functionsOf(tree);
  const [hash] = functions.toSorted((one, other) => other.ownUs - one.ownUs);
  expect(hash?.frame).toMatchObject({ file, line: 4, name: 'hash', source: 'function hash(text) {' });
  // In code of Node and of OpenSSL, most of it.
  expect(hash?.ownUs).toBeGreaterThan(hash?.selfUs ?? 0);
  expect(functions.filter(({ frame }) => frame.file.includes('cpu-profiler'))).toEqual([]);
  expect(cpu?.threadUs).toBeGreaterThan(0);
}

describe('a server under the profiler', () => {
  it('says in which of its functions it worked within the spans', async () => {
    const request = { target: module, host: '127.0.0.1', port: 0, alsoListen: [], kind: 'echo' } as const;
    const server = await ServerProcess.start(request, cores);
    try {
      expectHash((await server.profile(plan(), 20_000))!, module);
    } finally {
      await server.stop();
    }
  });

  it('says so too where it is a program of the user that bench starts', async () => {
    const port = await freePort('127.0.0.1');
    const endpoint = { hostname: '127.0.0.1', addresses: ['127.0.0.1'], port };
    const server = await OwnServerProcess.start(
      endpoint,
      { command: [process.execPath, program], isProfiled: true },
      cores,
      clock,
    );
    try {
      const reading = await server.profile(plan(), 20_000);
      if (reading === undefined) throw new Error('it has no profile');
      expectHash(reading, program);
    } finally {
      await server.stop();
    }
  });

  it('has no profile where it is no program of Node', async () => {
    const port = await freePort('127.0.0.1');
    const endpoint = { hostname: '127.0.0.1', addresses: ['127.0.0.1'], port };
    const listen = `import socket, time; s = socket.create_server(("127.0.0.1", ${port})); time.sleep(60)`;
    const server = await OwnServerProcess.start(
      endpoint,
      { command: ['python3', '-c', listen], isProfiled: true },
      cores,
      clock,
    );
    try {
      expect(await server.profile(plan(), 20_000)).toBeUndefined();
    } finally {
      await server.stop();
    }
  });
});

describe('the table of strace', () => {
  it('is read with its counts by name, whether calls failed or not', () => {
    const table = `strace: Process 77 attached with 11 threads
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 61.53    0.123456           4     30001           write
 38.00    0.076543           2     30100        12 read
  0.47    0.000900           9       100           epoll_wait
------ ----------- ----------- --------- --------- ----------------
100.00    0.200899           3     60201        12 total
`;
    expect(countsIn(table)).toEqual({ write: 30_001, read: 30_100, epoll_wait: 100 });
    expect(countsIn('strace: attach: ptrace(PTRACE_SEIZE, 77): Operation not permitted')).toEqual({});
  });
});
