/** Where a result file is written: under a name of its own, locked, and never over what somebody wants to keep. */

import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../dist/runners/failure.js';
import { ownerNow } from '../dist/runners/machine-lock.js';
import { requireFree } from '../dist/runners/run/destination.js';
import { ResultWriter } from '../dist/runners/run/result-writer.js';
import { temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';
import { endLine, fileOf, runLine, trialLine } from './fixtures/result-lines.js';

const scenario = `# A question?
kind: echo
targets: [ws]
connections: 1
payload: { size: 64B }
load: { model: closed, inflight: 1 }
phases: { warmup: 0s, measure: 100ms, drain: 100ms }
trials: 1
`;

/** A folder with a scenario, a server module and an old file. */
function someFolder(): { folder: string; run: (...args: string[]) => ReturnType<typeof benchHere> } {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.yaml'), scenario);
  writeFileSync(join(folder, 'server.mjs'), 'export default {}');
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  return { folder, run: (...args) => benchHere(['run', 'a.yaml', ...args], folder) };
}

const writing = (path: string, force = false, inputs: string[] = []) => new ResultWriter({ path, force, inputs });

describe('a file that is there', () => {
  test.each<[what: string, args: string[]]>([
    ['run', ['run', 'a.yaml']],
    ['ab', ['ab', 'a.yaml', '--base-target', 'ws', '--head-target', 'ws']],
  ])('is not replaced by bench %s without --force', async (_, args) => {
    const { folder } = someFolder();
    const { code, stderr, stdout } = await benchHere([...args, '--out', 'notes.txt'], folder);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe('bench: the file notes.txt exists: replace it with --force, or choose another with --out\n');
    expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('mine');
  });

  test('is never replaced when the run reads it, by whatever name', async () => {
    const { folder, run } = someFolder();
    symlinkSync('a.yaml', join(folder, 'symbolic.jsonl'));
    linkSync(join(folder, 'a.yaml'), join(folder, 'hard.jsonl'));
    for (const out of ['a.yaml', './a.yaml', 'symbolic.jsonl', 'hard.jsonl']) {
      const { code, stderr } = await run('--out', out, '--force');
      expect([code, stderr]).toEqual([
        2,
        `bench: ${out} is a file that is read here, which is never replaced; choose another with --out\n`,
      ]);
    }
    expect((await run('--target', './server.mjs', '--out', 'server.mjs', '--force')).stderr).toContain(
      'never replaced',
    );
    const ab = [
      'ab',
      'a.yaml',
      '--base-target',
      './server.mjs',
      '--head-target',
      'ws',
      '--out',
      'server.mjs',
      '--force',
    ];
    expect((await benchHere(ab, folder)).stderr).toContain('never replaced');
    expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe(scenario);
    expect(readFileSync(join(folder, 'server.mjs'), 'utf8')).toBe('export default {}');
  });

  test('is kept with --force until there is a trial to write, and replaced then', () => {
    const path = join(temporaryFolder(), 'a.jsonl');
    writeFileSync(path, 'an old and long result '.repeat(1000));
    const old = readFileSync(path, 'utf8');
    const unused = writing(path, true);
    unused.append(runLine());
    unused.close();
    expect(readFileSync(path, 'utf8')).toBe(old);
    const writer = writing(path, true);
    writer.append(runLine());
    expect(readFileSync(path, 'utf8')).toBe(old);
    writer.append(trialLine());
    expect(readFileSync(path, 'utf8')).toBe(fileOf(runLine(), trialLine()));
    writer.append(endLine());
    writer.close();
    expect(readFileSync(path, 'utf8')).toBe(fileOf(runLine(), trialLine(), endLine()));
  });

  test('is not left behind when nothing was written', () => {
    const path = join(temporaryFolder(), 'a.jsonl');
    writing(path).close();
    expect([existsSync(path), existsSync(`${path}.lock`)]).toEqual([false, false]);
  });
});

describe('what other commands write', () => {
  /** A folder with a result, which is all that the page is made from. */
  function stored(): string {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'results'));
    writeFileSync(join(folder, 'results/a.jsonl'), fileOf(runLine(), trialLine(), endLine()));
    writeFileSync(join(folder, 'page.html'), 'mine');
    return folder;
  }

  test('replaces nothing without --force: bench history --html', async () => {
    const folder = stored();
    const page = () => readFileSync(join(folder, 'page.html'), 'utf8');
    const history = ['history', '--html', 'page.html'];
    const { code, stdout, stderr } = await benchHere(history, folder);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe('bench: the file page.html exists: replace it with --force, or choose another with --html\n');
    expect(page()).toBe('mine');
    expect((await benchHere([...history, '--force'], folder)).code).toBe(0);
    expect(page()).toContain('</html>');
  });

  test.each([['results/a.jsonl'], ['results'], ['/dev/null']])(
    'never replaces %s, with --force either',
    async (path) => {
      const folder = stored();
      const { code, stdout, stderr } = await benchHere(['history', '--html', path, '--force'], folder);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(new RegExp(`^bench: ${path} is .*; choose another with --html\n$`));
      expect(readFileSync(join(folder, 'results/a.jsonl'), 'utf8')).toBe(fileOf(runLine(), trialLine(), endLine()));
    },
  );
});

describe('what is no file', () => {
  test.each<[what: string, out: string]>([
    ['a folder', 'folder'],
    ['a device, a pipe or a stream', 'pipe'],
    ['a device, a pipe or a stream', '/dev/null'],
    ['a device, a pipe or a stream', '/dev/full'],
    ['a device, a pipe or a stream', '/dev/stdout'],
    ['a device, a pipe or a stream', '/dev/fd/1'],
    ['a device, a pipe or a stream', '/proc/self/fd/1'],
  ])('is refused, with --force either: %s, %s', (what, out) => {
    const { folder } = someFolder();
    mkdirSync(join(folder, 'folder'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const path = out.startsWith('/') ? out : join(folder, out);
    const sentence = `${path} is ${what}, and a file is needed; choose another with --out`;
    for (const force of [false, true]) {
      expect(() => requireFree({ path, force })).toThrow(sentence);
      expect(() => writing(path, force)).toThrow(UsageError);
    }
  });

  test('is refused before the first trial', async () => {
    const { folder, run } = someFolder();
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const { code, stderr, stdout } = await run('--out', 'pipe');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^bench: pipe is a device, a pipe or a stream, and a file is needed; .*\n$/);
  });
});

describe('two runs at once', () => {
  test('have a file each in the usual place, also within a second', () => {
    const back = process.cwd();
    process.chdir(temporaryFolder());
    try {
      const at = new Date('2026-01-31T09:00:00.123Z');
      const git = { commit: '0a1b2c3d4e', dirty: false };
      const writers = Array.from({ length: 3 }, () => ResultWriter.inUsualPlace('echo', at, git));
      const early = ResultWriter.inUsualPlace('echo', new Date(at.getTime() - 1000), null);
      for (const writer of [...writers, early]) {
        writer.append(runLine({ startedAt: writer.path }));
        writer.close();
      }
      const names = ['', '-2', '-3'].map((number) => `results/echo/2026-01-31T09-00-00Z-0a1b2c3${number}.jsonl`);
      expect(writers.map(({ path }) => path)).toEqual(names);
      expect(early.path).toBe('results/echo/2026-01-31T08-59-59Z-nogit.jsonl');
      for (const path of names) expect(readFileSync(path, 'utf8')).toBe(fileOf(runLine({ startedAt: path })));
      expect(readdirSync('results/echo')).toHaveLength(4);
    } finally {
      process.chdir(back);
    }
  });

  test('cannot write the same file, with --force either', () => {
    const path = join(temporaryFolder(), 'a.jsonl');
    const writer = writing(path);
    writer.append(runLine());
    const sentence = `the result file ${path} is being written by process ${process.pid}: wait for it, or choose another with --out`;
    for (const force of [false, true]) expect(() => writing(path, force)).toThrow(sentence);
    expect(() => writing(path)).toThrow(UsageError);
    writer.close();
    writing(path, true).close();
  });

  test('and a lock that a killed process left is taken over, also when its number is used again', () => {
    const path = join(temporaryFolder(), 'a.jsonl');
    const own = ownerNow('bench');
    // Its number is that of a process that lives, and which began at another time.
    const reused = JSON.stringify({ ...own, pid: process.ppid, startedAt: own.startedAt && '1' });
    const pid = Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }));
    for (const left of [JSON.stringify({ ...own, pid }), ...(own.startedAt === '' ? [] : [reused]), '', '4194305']) {
      writeFileSync(`${path}.lock`, left);
      const writer = writing(path);
      expect(JSON.parse(readFileSync(`${path}.lock`, 'utf8'))).toEqual(own);
      writer.close();
      expect(readdirSync(join(path, '..'))).toEqual([]);
    }
  });
});

describe('a file that is being written', () => {
  test('is said to be so by every command that reads it, and is not accepted by a gate', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'results', 'echo', 'a.jsonl');
    const writer = writing(path);
    const told = `results/echo/a.jsonl is being written by process ${process.pid}`;
    const unread = await benchHere(['report', 'results/echo/a.jsonl'], folder);
    expect([unread.code, unread.stderr]).toEqual([2, `bench: ${told}, and cannot be read yet.\n`]);
    const { scenario } = runLine();
    writer.append(runLine({ scenario: { ...scenario, targets: ['ws'], trials: 1 } }));
    writer.append(trialLine());
    for (const args of [
      ['report', 'results/echo/a.jsonl'],
      ['history', 'echo'],
    ]) {
      const { code, stdout } = await benchHere(args, folder);
      expect([code, stdout.replace(/\s+/g, ' ')]).toEqual([0, expect.stringContaining(`${told}.`)]);
    }
    const gate = ['gate', 'results/echo/a.jsonl', '--gate', 'p99 < 50ms'];
    const early = await benchHere(gate, folder);
    expect([early.code, early.stderr]).toEqual([2, `bench: ${told}, and no gate accepts it before its end\n`]);
    writer.append(endLine());
    writer.close();
    expect((await benchHere(gate, folder)).code).toBe(0);
    expect((await benchHere(['report', 'results/echo/a.jsonl'], folder)).stdout).not.toContain('being written');
  });
});
