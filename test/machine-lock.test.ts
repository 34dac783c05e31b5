/** Two benches on one machine: one measures, the other waits and says for whom, or goes on and warns. */

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ownerNow, releaseLock, takeLock, takingTurns } from '../dist/runners/machine-lock.js';
import { readTrials, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';
import { saidHere, signalsWhen } from './signals-here.js';

const module = fileURLToPath(new URL('../dist/runners/machine-lock.js', import.meta.url));
const dead = { pid: 2 ** 22 + 1, startedAt: '1', command: 'bench run gone' };
const freshPath = (): string => join(temporaryFolder(), 'cache', 'measuring.lock');
const own = ownerNow('bench run echo');

function leave(path: string, text: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}

describe('the lock', () => {
  it('is had by one, until that one releases it', () => {
    const path = freshPath();
    expect(takeLock(path, own)).toBeUndefined();
    expect(takeLock(path, { ...own, command: 'bench ab echo' })).toEqual(own);
    releaseLock(path, { ...own, pid: own.pid + 1 });
    expect(existsSync(path)).toBe(true);
    releaseLock(path, own);
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  it.each([
    ['of a process that has ended', JSON.stringify(dead)],
    ['of an earlier process with an id that is used again', JSON.stringify({ ...dead, pid: process.ppid })],
    ['that is damaged', '{"pid":'],
    ['that is empty', ''],
  ])('%s is taken over', (_, text) => {
    const path = freshPath();
    leave(path, text);
    expect(takeLock(path, own)).toBeUndefined();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(own);
    expect(readdirSync(join(path, '..'))).toEqual(['measuring.lock']);
  });

  it('is taken over although someone died while taking it over', () => {
    const path = freshPath();
    leave(path, JSON.stringify(dead));
    leave(`${path}.${dead.pid}-${dead.startedAt}`, JSON.stringify({ ...dead, pid: dead.pid + 1 }));
    expect(takeLock(path, own)).toBeUndefined();
    expect(readdirSync(join(path, '..'))).toEqual(['measuring.lock']);
  });

  it('is had by one at a time, however many want it and find that of a dead process', async () => {
    const path = freshPath();
    leave(path, JSON.stringify(dead));
    // Each lists who is inside when it is; a dead one is left behind now and then.
    const script = `
      import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
      import { ownerNow, releaseLock, takeLock } from ${JSON.stringify(module)};
      const own = ownerNow('one'), path = ${JSON.stringify(path)}, inside = path + '-inside';
      for (let turns = 0; turns < 20; ) {
        if (takeLock(path, own)) continue;
        mkdirSync(inside);
        rmdirSync(inside);
        if (turns++ % 2) releaseLock(path, own);
        else writeFileSync(path, ${JSON.stringify(JSON.stringify(dead))}.replace('"1"', JSON.stringify(process.pid + '-' + turns)));
      }`;
    const codes = Array.from({ length: 3 }, () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      return new Promise((resolve) => child.once('close', (code) => resolve(`${code}${stderr}`)));
    });
    expect(await Promise.all(codes)).toEqual(['0', '0', '0']);
  });

  it.skipIf(!existsSync('/proc'))('does not hang where the system makes no folder', () => {
    expect(() => takeLock('/proc/cache/measuring.lock', own)).toThrow('the system makes no folder in /proc');
  });

  it('does without where the folder cannot be written to, and says so', async () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, '');
    const told: string[] = [];
    const turn = { command: 'x', wait: true, signal: new AbortController().signal };
    const tell = (text: string) => void told.push(text);
    expect(await takingTurns(turn, tell, async (warnings) => warnings, join(path, 'measuring.lock'))).toEqual([]);
    expect(told).toEqual([expect.stringMatching(/^whether another bench measures here cannot be known: /)]);
  });
});

describe('a second bench', () => {
  const short = ['--target', 'ws', '--connections', '1', '--warmup', '0ms', '--duration', '100ms', '--trials', '1'];
  // Another process that lives, as bench runs in that of the test.
  const [, after = ''] = readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(/\) (?!.*\) )/);
  const other = { ...own, pid: process.ppid, startedAt: after.split(' ')[19] ?? '' };
  const waiting = `waiting for bench run echo (process ${other.pid}) to end; --no-wait goes on at once`;

  it('waits, says for whom, and goes on when the first has ended', async () => {
    const path = freshPath();
    expect(takeLock(path, other)).toBeUndefined();
    const told: string[] = [];
    const tell = (text: string) => {
      told.push(text);
      releaseLock(path, other);
    };
    const turn = { command: 'x', wait: true, signal: new AbortController().signal };
    const inside = () => takeLock(path, { ...own, pid: 1 });
    const found = await takingTurns(turn, tell, async (warnings) => [warnings, inside()], path);
    expect(found).toEqual([[], expect.objectContaining({ pid: process.pid, command: 'x' })]);
    expect(told).toEqual([waiting]);
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    ['run', ['run', 'echo', ...short]],
    ['ab', ['ab', 'echo', '--base-target', 'ws', '--head-target', 'uws', '--quick']],
    ['calibrate', ['calibrate', '--quick']],
  ])('is interrupted while it waits: %s', async (_, args) => {
    const env = { XDG_CACHE_HOME: temporaryFolder() };
    expect(takeLock(join(env.XDG_CACHE_HOME, 'socketbench', 'measuring.lock'), other)).toBeUndefined();
    const { code, stdout } = await signalsWhen(
      () => saidHere(waiting),
      ['SIGINT'],
      () => benchHere(args, undefined, env),
    );
    expect([code, stdout]).toEqual([130, '']);
    expect(readdirSync(join(env.XDG_CACHE_HOME, 'socketbench'))).toEqual(['measuring.lock']);
  });

  it('goes on with --no-wait, and each trial warns', async () => {
    const env = { XDG_CACHE_HOME: temporaryFolder() };
    const path = join(env.XDG_CACHE_HOME, 'socketbench', 'measuring.lock');
    expect(takeLock(path, other)).toBeUndefined();
    const folder = temporaryFolder();
    const { stderr } = await benchHere(['run', 'idle', ...short, '--no-wait', '--out', 'a.jsonl'], folder, env);
    expect(stderr).not.toContain('waiting');
    const trials = readTrials(join(folder, 'a.jsonl'));
    expect(trials.length).toBeGreaterThan(0);
    const warning = { code: 'other-bench', command: 'bench run echo', process: other.pid };
    for (const { doubts } of trials) expect(doubts).toContainEqual(warning);
    expect(takeLock(path, { ...own, pid: 1 })).toEqual(other);
  });
});
