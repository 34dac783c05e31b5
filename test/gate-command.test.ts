/** Proves what `bench gate` and the gates of `bench run` print and exit with. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { disturbances } from '../dist/core/measure/reason.js';
import type { RunLine, TrialLine } from '../dist/core/result.js';
import { readTrials, temporaryFolder, testServer } from './bench-command.js';
import { benchHere } from './bench-in-process.js';
import { endLine, fileOf, reasons, runLine, trialLine, workload } from './fixtures/result-lines.js';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

const one = { ...runLine().scenario, targets: ['ws'], trials: 1 };

function write(name: string, trial: Partial<TrialLine> = {}, scenario: Partial<RunLine['scenario']> = {}): string {
  const lines = [runLine({ scenario: { ...one, ...scenario } }), trialLine(trial), endLine()];
  writeFileSync(join(folder, name), fileOf(...lines));
  return name;
}

const lossy = { counts: { ...trialLine().counts, lost: 5, delivered: 239_995 } };
const slower = 'p50 no worse than base by 10%';

describe('bench gate', () => {
  it('passes a file whose gates are kept, and fails it for one that is not', async () => {
    const file = write('a.jsonl', {}, { gates: ['lost = 0'] });
    const kept = await benchHere(['gate', file, '--gate', 'p99 < 1ms', '--gate', 'delivered = 100%'], folder);
    expect(kept.code, kept.stderr).toBe(0);
    expect(kept.stdout).toContain('Gates: 4 passed');
    const missed = await benchHere(['gate', '--gate', 'p99 < 1us', '--gate', 'rss < 1GiB', file], folder);
    expect(missed.code).toBe(1);
    expect(missed.stdout).toMatch(/✗ ws: p99 < 1us failed: response p99 is 130 µs/);
    expect(missed.stdout).toContain('3 passed');
  });

  it('holds a file without any gate against the contract', async () => {
    expect((await benchHere(['gate', write('good.jsonl')], folder)).code).toBe(0);
    const { code, stdout } = await benchHere(['gate', write('lossy.jsonl', lossy)], folder);
    expect(code).toBe(1);
    expect(stdout).toContain('contract broken: 5 of 240,000 deliveries lost');
    expect((await benchHere(['gate', 'lossy.jsonl', '--gate', 'lost < 9'], folder)).code).toBe(0);
  });

  it('is 3 where nothing was measured that counts', async () => {
    const bad = write('bad.jsonl', { valid: false, invalidBecause: reasons('the generator was late') });
    const { code, stdout } = await benchHere(['gate', bad], folder);
    expect(code).toBe(3);
    expect(stdout).toContain('the generator was late');
  });

  it('writes junit, Markdown and JSON too', async () => {
    const file = write('a.jsonl', lossy);
    const print = async (format: string) => (await benchHere(['gate', file, '--format', format], folder)).stdout;
    expect(await print('junit')).toMatch(/^<\?xml.*\n<testsuites name="bench" tests="1" failures="1"/);
    expect(await print('markdown')).toMatch(/^#### Gates: 1 failed\n/);
    expect(JSON.parse(await print('json'))).toMatchObject({ name: 'echo', exit: 'failed' });
  });

  it('shows what changed against a baseline and never fails because of it', async () => {
    const base = write('base.jsonl');
    const file = write('head.jsonl', {}, { gates: [slower] });
    const { code, stdout } = await benchHere(['gate', file, '--baseline', base, '--strict'], folder);
    expect(code).toBe(0);
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /\(advisory\): p50 .*base 120 µs, head 120 µs.*because the jobs differ/,
    );
  });

  it('decides a comparison of one job by its forks, and with --strict wants it decided', async () => {
    const scenario = { ...one, targets: ['base', 'head'], gates: [slower] };
    const sides = { base: { target: 'ws' }, head: { target: 'ws' } };
    const fork = (block: number) =>
      (['base', 'head'] as const).map((side) => trialLine({ target: side, block, fork: { side, windows: [] } }));
    const file = fileOf(runLine({ scenario, sides }), ...[1, 2].flatMap(fork), endLine({ trials: 4 }));
    writeFileSync(join(folder, 'ab.jsonl'), file);
    const { code, stdout } = await benchHere(['gate', 'ab.jsonl'], folder);
    expect(code).toBe(0);
    expect(stdout.replace(/\s+/g, ' ')).toMatch(/needs more: .*needs at least \d+ forks/);
    expect((await benchHere(['gate', 'ab.jsonl', '--strict'], folder)).code).toBe(4);
    const both = await benchHere(['gate', 'ab.jsonl', '--baseline', write('base.jsonl')], folder);
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('leave --baseline out') });
  });

  it('refuses in a sentence what cannot be gated', async () => {
    const whole = fileOf(runLine({ scenario: one }), trialLine());
    writeFileSync(join(folder, 'partial.jsonl'), whole);
    writeFileSync(join(folder, 'interrupted.jsonl'), whole + fileOf(endLine({ interrupted: true })));
    writeFileSync(join(folder, 'damaged.jsonl'), `${whole}{"type":"tri\n${fileOf(endLine())}`);
    const good = write('good.jsonl');
    const other = write('other.jsonl', {}, { name: 'broadcast' });
    const slow = { ...workload, load: { model: 'open', ratePerSecond: 5, arrivals: 'constant' } } as const;
    const work = write('work.jsonl', { workload: slow }, { workloads: [slow] });
    const strange = write('strange.jsonl', {}, { gates: ['p99 < \u001b[2J'] });
    const five = [1, 2, 3, 4, 5].flatMap((percent) => ['--gate', `p99 no worse than base by ${percent}%`]);
    const refusals: [string[], RegExp][] = [
      [['partial.jsonl'], /no end line/],
      [['interrupted.jsonl'], /interrupted/],
      [['damaged.jsonl'], /cannot be read/],
      [['missing.jsonl'], /no result file missing\.jsonl/],
      [[strange], /gate "p99 < \\x1b/],
      [[good, '--gate', 'p99 < 50'], /column 7: 50 has no unit/],
      [[good, '--gate'], /^bench: --gate: a value is expected$/m],
      [[good, ...five], /more than 4 gates/],
      [[good, '--baseline', other], /other\.jsonl is of scenario "broadcast"/],
      [[good, '--baseline', work], /work\.jsonl did other work/],
      [[good, '--baseline', 'partial.jsonl'], /partial\.jsonl has no end line/],
    ];
    for (const [args, message] of refusals) {
      const { code, stdout, stderr } = await benchHere(['gate', ...args], folder);
      expect(code, args.join(' ')).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toMatch(message);
      expect(stderr).not.toContain('    at ');
      expect(stderr.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
    }
  });
});

describe('a flag given twice', () => {
  it('counts with its last value, unless it is a list', async () => {
    const file = write('a.jsonl', lossy);
    const { code, stdout } = await benchHere(['gate', file, '--format', 'json', '--format', 'junit'], folder);
    expect([code, stdout.slice(0, 5)]).toEqual([1, '<?xml']);
    const { stderr } = await benchHere(['validate', 'missing-one', 'echo'], folder);
    expect(stderr).toContain('missing-one');
  });
});

describe('bench run with gates', () => {
  const run = ['run', 'echo', '--out', 'out.jsonl', '--connections', '5', '--trials', '1'];
  const short = [...run, '--warmup', '0s', '--duration', '300ms'];

  it('is 1 when one is not kept, and leaves relative ones to bench ab', async () => {
    const gates = ['--gate', 'p50 < 0us', '--gate', 'p50 no worse than base by 10%'];
    const { code, stdout, stderr } = await benchHere([...short, '--rate', '200/s', '--target', 'ws', ...gates], folder);
    const [trial] = readTrials(join(folder, 'out.jsonl')).slice(-1);
    // A machine that is taken away by its hypervisor makes the trial invalid (3), which is no fault of the command.
    expect(code, stdout + stderr).toBe(trial!.valid ? 1 : 3);
    expect(stdout).toMatch(trial!.valid ? /ws: p50 < 0us failed: response p50 is/ : /p50 < 0us invalid/);
    expect(stdout).toContain('needs `bench ab`');
    const again = await benchHere(['gate', 'out.jsonl'], folder);
    expect(again.code).toBe(code);
  });

  it('breaks the contract with a server that drops, repeats and swaps messages, and says so', async () => {
    // A closed loop cannot be late, and one filling of it is more than a thousand messages, of which one is dropped.
    const flags = ['--inflight', '250', '--target', testServer('faulty.mjs')];
    const { code, stdout } = await benchHere([...short, ...flags, '--gate', 'p99 < 50s'], folder);
    const [trial] = readTrials(join(folder, 'out.jsonl')).slice(-1);
    expect(trial!.invalidBecause.filter(({ code }) => !disturbances.has(code))).toEqual([]);
    // Also where others made the trial invalid.
    expect(code, stdout).toBe(1);
    expect(stdout.replace(/\s+/g, ' ')).toMatch(/contract broken: [\d,]+ of [\d,]+ deliveries lost.*\d duplicated/);
  });

  it('refuses a gate with a typo before anything is measured', async () => {
    const { code, stdout, stderr } = await benchHere([...short, '--gate', 'p99 <= 50mss'], folder);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/command line:1:10: --gate .*"mss" is not a unit.*write 50ms/);
  });
});
