/** `bench compare` as a user runs it: over files, folders and revisions of a real repository. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunLine } from '../dist/core/result.js';
import { temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';
import { closed, forkOf, sidedRun, textOf, trialsOf } from './fixtures/compared-results.js';
import { runLine } from './fixtures/result-lines.js';

const folder = temporaryFolder();
const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args], {
    cwd: folder,
    encoding: 'utf8',
  }).trim();

/** Writes a result file of `n` trials below the folder. */
function store(path: string, n: number, rate: number, run: Partial<RunLine> = {}): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), textOf(trialsOf(n, { rate }), run));
}

function commit(name: string): string {
  git('commit', '--quiet', '--allow-empty', '--message', name);
  git('tag', name);
  return git('rev-parse', 'HEAD');
}

const scenarioOf = (name: string) => ({ ...runLine().scenario, name, targets: ['ws'], workloads: [closed] });
const compare = (...args: string[]) => benchHere(['compare', ...args], folder);
/** Every mistake is one sentence on standard error. */
async function refusal(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await compare(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^bench: [^\n]+\n$/);
  return stderr;
}

beforeAll(() => {
  git('init', '--quiet');
  const [old, slow] = [commit('old'), commit('slow')];
  commit('never-measured');
  const of = (commitId: string, seed: number, name = 'echo', dirty = false) => ({
    git: { commit: commitId, dirty },
    seed,
    startedAt: `2025-11-22T01:02:0${seed}Z`,
    scenario: scenarioOf(name),
  });
  store('results/echo/1.jsonl', 5, 10_000, of(old, 1));
  store('results/echo/2.jsonl', 5, 10_000, of(old, 2));
  store('results/echo/3.jsonl', 5, 500, of(old, 3, 'echo', true));
  store('results/echo/4.jsonl', 10, 8000, of(slow, 4));
  store('results/other/5.jsonl', 10, 8000, of(slow, 5, 'other'));
  store('before.jsonl', 10, 10_000, of(old, 6));
  store('few.jsonl', 2, 8000, of(slow, 7));
  store('slow', 10, 9999, of(slow, 8));
  store('folder/a.jsonl', 3, 10_000, of(old, 1));
  store('folder/deep/b.jsonl', 3, 10_000, of(old, 2));
  writeFileSync(join(folder, 'folder/notes.jsonl'), 'not a result\n');
  const forks = Array.from({ length: 12 }, (_, i) => forkOf(i, {}, { rate: 8000 + i })).flat();
  const gates = ['throughput no worse than base by 5%', 'p99 < 50ms'];
  const sided = sidedRun({ scenario: { ...scenarioOf('ab'), targets: ['base', 'head'], gates } });
  writeFileSync(join(folder, 'ab.jsonl'), textOf(forks, sided));
  writeFileSync(join(folder, 'folder/ab.jsonl'), textOf(forks, sided));
});

describe('bench compare', () => {
  it('shows the difference of two files with its interval, and never fails a gate', async () => {
    const { code, stdout, stderr } = await compare('before.jsonl', 'results/echo/4.jsonl');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^Slower: throughput -20\.\d % .*\nbefore\.jsonl \([0-9a-f]{12}\) → results\/echo\/4\.jsonl \([0-9a-f]{12}\)\n/,
    );
    expect(stdout).toMatch(/throughput .*-20.0 %.*regression +10 \/ 10/);
    expect(stdout).toContain('never gated');
  });

  it('takes all results of a commit together, without those of a changed working tree', async () => {
    const { code, stdout } = await compare('old', 'HEAD~1', '--scenario', 'echo');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Slower: throughput .*\nold \([0-9a-f]{12}\) → HEAD~1 \([0-9a-f]{12}\)\n/);
    expect(stdout).toMatch(/throughput +10,0\d\d\/s.*regression +10 \/ 10/);
    expect(stdout.replace(/\s+/g, ' ')).toContain('1 result of "old"');
  });

  it('prints Markdown and JSON, with every metric on demand', async () => {
    const markdown = await compare('before.jsonl', 'results/echo/4.jsonl', '--format', 'markdown');
    expect(markdown.stdout).toContain('| regression | 10 / 10 |');
    const json = await compare('before.jsonl', 'results/echo/4.jsonl', '--format', 'json', '--all');
    const { design, gateable, rows } = JSON.parse(json.stdout);
    expect({ design, gateable }).toEqual({ design: 'trials', gateable: false });
    expect(rows.map(({ metric }: { metric: string }) => metric)).toContain('rss');
  });

  it('takes the files of a folder together and names those that it leaves out', async () => {
    const { code, stdout } = await compare('folder', 'before.jsonl');
    expect(code).toBe(0);
    expect(stdout).toContain('6 / 10');
    expect(stdout.replace(/\s+/g, ' ')).toContain('A file was left out: folder/notes.jsonl');
  });

  it('takes a file before a revision of the same name', async () => {
    const { stdout } = await compare('before.jsonl', 'slow');
    expect(stdout).toMatch(/throughput .*~ no change +10 \/ 10/);
  });

  it('says how many trials a verdict needs', async () => {
    const { code, stdout } = await compare('before.jsonl', 'few.jsonl');
    expect(code).toBe(0);
    expect(stdout).toMatch(/~ needs at least 4|no change|regression/);
    expect((await compare('few.jsonl', 'few.jsonl')).stdout).toContain('a verdict needs at least 4 of each side');
  });

  it('prints a file of `bench ab`, base against head, with the gates that its scenario declared', async () => {
    const { code, stdout } = await compare('ab.jsonl');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Slower: throughput .* gate 5\.0 %: failed\.\nmain \(a{12}\) → HEAD \(b{12}\)\n/);
    expect(stdout).toMatch(/throughput .*-19\.9 %.*regression +12 +< 5\.0 % worse/);
    expect(stdout).toMatch(/p99 .*~ no change +12 +exploratory/);
  });
});

describe('bench compare refuses in a sentence', () => {
  it('a revision that there is not', async () => {
    expect(await refusal('no-such-revision', 'HEAD')).toContain('no result file or folder "no-such-revision"');
  });

  it('a revision without results, and says how to make them', async () => {
    const sentence = await refusal('old', 'HEAD', '--scenario', 'echo');
    expect(sentence).toContain(`"HEAD" (commit ${git('rev-parse', 'HEAD').slice(0, 12)}) of scenario "echo"`);
    expect(sentence).toContain('`bench run echo`');
  });

  it('results of several scenarios, and lists them', async () => {
    expect(await refusal('old', 'HEAD~1')).toContain('"echo", "other"; choose one with --scenario');
    expect(await refusal('old', 'HEAD~1', '--scenario', 'ecko')).toContain('of scenario "ecko", only of "echo"');
  });

  it('a single run without anything to compare with', async () => {
    expect(await refusal('before.jsonl')).toContain('give a second result file');
    expect(await refusal('HEAD')).toContain('give a second result file');
  });

  it('a comparison as one side of another', async () => {
    expect(await refusal('ab.jsonl', 'before.jsonl')).toContain('print it with `bench compare ab.jsonl`');
  });

  it('a file that is no result file', async () => {
    expect(await refusal('before.jsonl', 'folder/notes.jsonl')).toContain('folder/notes.jsonl, line 1');
  });

  it('a file of another scenario than the one asked for', async () => {
    expect(await refusal('before.jsonl', 'old', '--scenario', 'other')).toContain('is of scenario "echo"');
  });

  it('runs that did different kinds of work', async () => {
    const workload = { ...closed, kind: 'broadcast' as const };
    const trials = trialsOf(4).map((trial) => ({ ...trial, kind: 'broadcast' as const, workload }));
    writeFileSync(join(folder, 'broadcast.jsonl'), textOf(trials));
    expect(await refusal('before.jsonl', 'broadcast.jsonl')).toContain('no target did the same kind of work');
  });

  it('a folder that is no repository', async () => {
    const elsewhere = temporaryFolder();
    writeFileSync(join(elsewhere, 'a.jsonl'), textOf(trialsOf(4)));
    const { code, stderr } = await benchHere(['compare', 'a.jsonl', 'main'], elsewhere);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^bench: there is no result file or folder "main"[^\n]+not a git repository[^\n]*\n$/);
  });
});
