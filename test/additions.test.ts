/** A target, an output format and a table are each added by one file, without touching anything else. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
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

describe('in a copy of the build', () => {
  const folder = extendedBuild();
  const out = join(folder, 'out.jsonl');
  const bench = (...args: string[]) => {
    const bin = join(folder, 'dist/cli/bench.js');
    return spawnSync(process.execPath, [bin, ...args], {
      cwd: join(folder, 'work'),
      encoding: 'utf8',
      env: { ...process.env, ...ownCache() },
    });
  };

  it('a new target is listed and measured', () => {
    expect(bench('targets').stdout).toMatch(/^ *fixture-echo +ws +[\d.]+ +WebSocket +yes/m);
    const load = ['--connections', '5', '--rate', '50/s', '--warmup', '0s', '--duration', '200ms'];
    const short = [...load, '--trials', '1', '--attempts', '1'];
    const { status, stdout } = bench('run', 'echo', '--target', 'fixture-echo', ...short, '--out', out);
    // A machine that is taken away by its hypervisor makes the trial invalid (3), which is no fault of the target.
    expect([0, 3]).toContain(status);
    expect(stdout).toContain('fixture-echo');
    const trial = JSON.parse(readFileSync(out, 'utf8').split('\n')[1] ?? '');
    expect(trial).toMatchObject({ type: 'trial', target: 'fixture-echo' });
    expect(trial.counts.delivered).toBeGreaterThan(0);
    expect(trial.counts.delivered).toBe(trial.counts.owed);
  });

  it('a new table stands in the report at its place, in text and in Markdown', () => {
    // Tables are of valid trials.
    const valid = join(folder, 'valid.jsonl');
    writeFileSync(valid, fileOf(runLine(), trialLine(), endLine()));
    for (const format of ['text', 'markdown']) {
      const { stdout } = bench('report', valid, '--format', format, '--details');
      const titles = ['Throughput', 'Deliveries of the fixture', 'Latency'].map((title) => stdout.indexOf(title));
      expect(titles.every((at) => at >= 0)).toBe(true);
      expect(titles).toEqual(titles.toSorted((a, b) => a - b));
      expect(stdout).toContain('A footnote of the fixture.');
    }
  });

  it('a new format is offered where it can write, and writes', () => {
    expect(bench('report', '--help').stdout).toMatch(/fixture-list/);
    expect(bench('compare', '--help').stdout).not.toMatch(/fixture-list/);
    expect(bench('report', out, '--format', 'fixture-list').stdout).toBe('report of fixture-echo\n');
    const { stdout } = bench('gate', out, '--gate', 'p99 < 50s', '--format', 'fixture-list');
    expect(stdout).toContain('gate p99 < 50s\n');
  });
});
