/** What ends a run, or a trial of it, before its time: what is said, kept and left behind, and the exit code. */

import { execFileSync } from 'node:child_process';
import fs, { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readLines, readTrials, startBench, temporaryFolder, testServer } from './bench-command.js';
import { benchHere } from './bench-in-process.js';

/** A closed loop: a machine that pauses makes it slower, and no trial has to be repeated. */
const short = ['--connections', '5', '--inflight', '100', '--warmup', '0s', '--duration', '100ms', '--trials', '1'];

/** Processes of servers whose command line holds `text`. */
function processesWith(text: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return line.includes(text) && line.includes('server-host');
    } catch {
      return false;
    }
  });
}

async function gone(text: string): Promise<boolean> {
  for (let i = 0; i < 50; i++) {
    if (processesWith(text).length === 0) return true;
    await sleep(100);
  }
  return false;
}

const limit = (...args: string[]): string =>
  execFileSync('prlimit', [`--pid=${process.pid}`, ...args], { encoding: 'utf8' });

/** A run on a disk that is full, or that garbles what it is given, when the first trial is written. */
async function onDisk(how: 'full' | 'garbling', folder: string) {
  const { writeSync } = fs;
  const full = fs.openSync('/dev/full', 'w');
  fs.writeSync = ((file: number, bytes: NodeJS.ArrayBufferView, ...rest: []) => {
    if (!(bytes instanceof Uint8Array && Buffer.from(bytes).includes('{"type":"trial"')))
      return writeSync(file, bytes, ...rest);
    return how === 'full'
      ? writeSync(full, bytes, ...rest)
      : writeSync(file, Buffer.from(bytes).fill('x', 0, bytes.length - 1), ...rest);
  }) as typeof writeSync;
  syncBuiltinESMExports();
  try {
    const brief = ['--connections', '1', '--warmup', '0s', '--duration', '100ms', '--trials', '1'];
    return await benchHere(['run', 'idle', '--target', 'ws', ...brief, '--out', 'a.jsonl'], folder);
  } finally {
    fs.writeSync = writeSync;
    syncBuiltinESMExports();
    fs.closeSync(full);
  }
}

describe('bench run', () => {
  it('goes on when a server dies in the middle of a trial, says so and exits with 3; the next may say much of itself', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'dying.jsonl');
    const targets = `${testServer('dying.mjs')},${testServer('telling.mjs')}`;
    const flags = ['--target', targets, ...short, '--attempts', '2', '--out', out];
    const env = { TELLS: JSON.stringify({ motd: 'y'.repeat(5000) }), LIBRARY: 'z'.repeat(300) };
    const { code, stdout, stderr } = await benchHere(['run', 'echo', ...flags], folder, env);
    expect(code).toBe(3);
    expect(stderr).not.toContain('    at ');
    const trialsOf = (file: string) => readTrials(out).filter(({ target }) => target.endsWith(file));
    const [dead, telling] = [trialsOf('dying.mjs'), trialsOf('telling.mjs')[0]];
    expect(dead.map(({ attempt, valid }) => [attempt, valid])).toEqual([
      [1, false],
      [2, false],
    ]);
    const why = 'exited with code 9; its last words: out of luck';
    for (const { invalidBecause } of dead)
      expect(invalidBecause).toContainEqual({ code: 'failure', text: expect.stringContaining(why) });
    expect(stdout.replace(/\s+/g, ' ')).toContain(why);
    expect([telling!.library, telling!.settings['motd']]).toEqual([
      expect.stringMatching(/^z+… \(cut\)$/),
      expect.stringMatching(/^y+… \(cut\)$/),
    ]);
    expect(stdout).not.toContain('not run');
    expect(readLines(out).at(-1)).toMatchObject({ type: 'end', interrupted: false });
  });

  it('ends the trial, saves a partial result and exits with 130 at the first Ctrl-C', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'cut.jsonl');
    const { child, finished, saw } = startBench(
      ['run', 'echo', '--target', 'ws', ...short, '--trials', '50', '--out', out],
      folder,
    );
    await saw('trial 1 of 50');
    child.kill('SIGINT');
    const { code, stdout } = await finished;
    expect(code).toBe(130);
    expect(stdout).toContain(out);
    const lines = readLines(out);
    expect(lines.at(-1)).toMatchObject({ type: 'end', interrupted: true });
    expect(lines.filter((line) => line.type === 'trial').length).toBeGreaterThan(0);
  });

  it.each([
    { what: 'at the second Ctrl-C', signals: ['SIGINT', 'SIGINT'], expected: 130 },
    // Ended by a signal, it has no exit code.
    { what: 'when it is killed outright', signals: ['SIGKILL'], expected: null },
  ] as const)('leaves no child behind $what, however busy the server is', async ({ signals, expected }) => {
    const server = testServer('hanging.mjs');
    const folder = temporaryFolder();
    const hangs = join(folder, 'hangs');
    const args = ['run', 'echo', '--target', server, ...short, '--duration', '30s'];
    const { child, finished } = startBench(args, folder, { HANGS: hangs });
    while (!existsSync(hangs)) await sleep(20);
    expect(processesWith(server).length).toBeGreaterThan(0);
    for (const signal of signals) {
      child.kill(signal);
      await sleep(50);
    }
    expect((await finished).code).toBe(expected);
    expect(await gone(server)).toBe(true);
  });

  it('says that the disk is full, keeps what it holds and exits with 3', async () => {
    const folder = temporaryFolder();
    const { code, stderr } = await onDisk('full', folder);
    expect(code).toBe(3);
    expect(stderr).toContain('no space left on the device');
    expect(stderr).not.toContain('    at ');
    expect(readLines(join(folder, 'a.jsonl')).map(({ type }) => type)).toEqual(['run']);
    expect(existsSync(join(folder, 'a.jsonl.lock'))).toBe(false);
  });

  it('exits with 3 when what was written cannot be read', async () => {
    const { code, stderr, stdout } = await onDisk('garbling', temporaryFolder());
    expect(code).toBe(3);
    expect(stderr).toContain('bench: 1 of the 1 trials that were run cannot be read: a.jsonl, line 2 was dropped: ');
    expect(stdout).toContain('not run');
  });

  it.each<[what: string, tells: object | null, sentence: string]>([
    ['nested', { tls: { ciphers: 'a' } }, 'settings.tls: a map; each is to be a text, a number, true or false'],
    ['none', null, 'settings: null; each is to be a text, a number, true or false'],
  ])('refuses a module before the first trial when its settings are %s', async (_, tells, sentence) => {
    const folder = temporaryFolder();
    const path = testServer('telling.mjs');
    const targets = ['--target', `ws,${path}`];
    const { code, stderr } = await benchHere(['run', 'echo', ...targets, ...short], folder, {
      TELLS: JSON.stringify(tells),
    });
    expect([code, stderr.split('\n')[0]]).toEqual([2, `bench: start() of ${path} returned ${sentence}`]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a module whose path is longer than a result file holds', async () => {
    const folder = join(temporaryFolder(), 'f'.repeat(200));
    mkdirSync(folder);
    const path = join(folder, 'a.mjs');
    writeFileSync(path, `export { default } from ${JSON.stringify(testServer('telling.mjs'))};`);
    const { code, stderr } = await benchHere(['run', 'echo', '--target', path, ...short], folder, { TELLS: '{}' });
    const sentence = 'a result file cannot hold this run: scenario.targets.0: Too big: expected string to have <=200';
    expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)]);
    expect(readdirSync(join(folder, 'results/echo'))).toEqual([]);
  });

  it('refuses before it starts when the result file cannot be created', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'results'), 'a file where a folder should be');
    const { code, stderr } = await benchHere(['run', 'echo', '--target', 'ws', ...short], folder);
    expect(code).toBe(2);
    expect(stderr).toContain('cannot be written');
    expect(stderr).not.toContain('trial 1');
  });

  it('refuses more connections than it has descriptors for, and says how many are possible', async () => {
    // A limit of its own, as that of the machine may be none.
    const soft = limit('--nofile', '--output=SOFT', '--noheadings').trim();
    limit('--nofile=5000:');
    try {
      const flags = ['--target', 'ws', ...short, '--connections', '100000'];
      const { code, stderr } = await benchHere(['run', 'echo', ...flags]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/at most 4900 are possible/);
    } finally {
      limit(`--nofile=${soft}:`);
    }
  });
});
