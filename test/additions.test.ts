/** A target, an output format and a table are each added by one file, without touching anything else. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { ownCache, temporaryFolder } from './bench-command.js';
import { endLine, fileOf, runLine, trialLine } from './fixtures/result-lines.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const additions = fileURLToPath(new URL('./fixtures/additions', import.meta.url));

/** A copy of the build, with one file more in each of three folders. */
function extendedBuild(): string {
  const folder = temporaryFolder();
  for (const name of ['dist', 'scenarios', 'package.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  cpSync(join(additions, 'targets'), join(folder, 'dist/targets'), { recursive: true });
  for (const kind of ['formats', 'tables'])
    cpSync(join(additions, kind), join(folder, 'dist/reports', kind), { recursive: true });
  mkdirSync(join(folder, 'work'));
  return folder;
}

interface Printed {
  readonly stdout: string;
  readonly code: number;
}

/** What each command line prints in a build, and its exit code; all in one process, which spares them a start each. */
function benchIn(folder: string, commandLines: Readonly<Record<string, readonly string[]>>): Record<string, Printed> {
  const main = pathToFileURL(join(folder, 'dist/cli/main.js')).href;
  const script = `const { main } = await import(${JSON.stringify(main)});
    for (const words of JSON.parse(process.argv[2])) {
      process.exitCode = 0;
      await main(words);
      process.stdout.write('\\0' + process.exitCode + '\\0');
    }`;
  // A file: what stands behind -e would be handed on to the processes and threads of the run.
  const file = join(folder, 'lines.mjs');
  writeFileSync(file, script);
  const { stdout } = spawnSync(process.execPath, [file, JSON.stringify(Object.values(commandLines))], {
    cwd: join(folder, 'work'),
    encoding: 'utf8',
    env: { ...process.env, ...ownCache() },
  });
  const parts = stdout.split('\0');
  const names = Object.keys(commandLines);
  return Object.fromEntries(
    names.map((name, i) => [name, { stdout: parts[2 * i] ?? '', code: Number(parts[2 * i + 1]) }]),
  );
}

describe('in a copy of the build', () => {
  const folder = extendedBuild();
  const out = join(folder, 'out.jsonl');
  // Tables are of valid trials.
  const valid = join(folder, 'valid.jsonl');
  writeFileSync(valid, fileOf(runLine(), trialLine(), endLine()));
  const load = ['--connections', '5', '--rate', '50/s', '--warmup', '0s', '--duration', '200ms'];
  const short = [...load, '--trials', '1', '--attempts', '1'];
  let printed: ReturnType<typeof benchIn>;
  beforeAll(() => {
    printed = benchIn(folder, {
      targets: ['targets'],
      run: ['run', 'echo', '--target', 'fixture-echo', ...short, '--out', out],
      text: ['report', valid, '--format', 'text', '--details'],
      markdown: ['report', valid, '--format', 'markdown', '--details'],
      reportHelp: ['report', '--help'],
      compareHelp: ['compare', '--help'],
      report: ['report', out, '--format', 'fixture-list'],
      gate: ['gate', out, '--gate', 'p99 < 50s', '--format', 'fixture-list'],
    });
  });

  it('a new target is listed and measured', () => {
    expect(printed['targets']?.stdout).toMatch(/^ *fixture-echo +ws +[\d.]+ +WebSocket +yes/m);
    // A machine that is taken away by its hypervisor makes the trial invalid (3), which is no fault of the target.
    expect([0, 3]).toContain(printed['run']?.code);
    expect(printed['run']?.stdout).toContain('fixture-echo');
    const trial = JSON.parse(readFileSync(out, 'utf8').split('\n')[1] ?? '');
    expect(trial).toMatchObject({ type: 'trial', target: 'fixture-echo' });
    expect(trial.counts.delivered).toBeGreaterThan(0);
    expect(trial.counts.delivered).toBe(trial.counts.owed);
  });

  it.each(['text', 'markdown'])('a new table stands in the report at its place, in %s', (format) => {
    const { stdout = '' } = printed[format] ?? {};
    const titles = ['Throughput', 'Deliveries of the fixture', 'Latency'].map((title) => stdout.indexOf(title));
    expect(titles.every((at) => at >= 0)).toBe(true);
    expect(titles).toEqual(titles.toSorted((a, b) => a - b));
    expect(stdout).toContain('A footnote of the fixture.');
  });

  it('a new format is offered where it can write, and writes', () => {
    expect(printed['reportHelp']?.stdout).toMatch(/fixture-list/);
    expect(printed['compareHelp']?.stdout).toMatch(/--format/);
    expect(printed['compareHelp']?.stdout).not.toMatch(/fixture-list/);
    expect(printed['report']?.stdout).toBe('report of fixture-echo\n');
    expect(printed['gate']?.stdout).toContain('gate p99 < 50s\n');
  });
});
