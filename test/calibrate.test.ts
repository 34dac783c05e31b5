/** What `bench calibrate` decides with, and that the command claims, checks, records and turns red. */

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  bimodalDelay,
  constantDelay,
  paretoDelay,
  uniformDelay,
} from '../dist/calibration/behaviours/holding-server.js';
import { Unmasker, unmaskedText } from '../dist/calibration/behaviours/unmasker.js';
import { calibrate, claimNames, verdictOn } from '../dist/calibration/calibrate.js';
import { below, exactly, within } from '../dist/calibration/claim.js';
import {
  behindGrid,
  exponentialP,
  gapsOf,
  kolmogorovP,
  quantileOf,
} from '../dist/calibration/claims/goodness-of-fit.js';
import { noiseOf } from '../dist/calibration/claims/noise.js';
import { stalledQuantileUs } from '../dist/calibration/claims/stall.js';
import { parseMachineTime, takenBetween } from '../dist/calibration/machine-time.js';
import type { Calibration } from '../dist/core/measure/calibration.js';
import { exponential, seededRandom } from '../dist/core/random.js';
import type { RunLine } from '../dist/core/result.js';
import { summarise } from '../dist/reports/report.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import { maskedFrame, opcodes } from '../dist/runners/clients/websocket/frame.js';
import { calibrationPath, readCalibration, writeCalibration } from '../dist/runners/machine/calibration-file.js';
import { divideCores } from '../dist/runners/machine/cores.js';
import { describeEnvironment } from '../dist/runners/machine/environment.js';
import { bench, readLines, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';
import { endLine, fileOf, reasons, runLine, trialLine } from './fixtures/result-lines.js';

const draws = (delay: (random: ReturnType<typeof seededRandom>) => number, count = 20_000): number[] => {
  const random = seededRandom(1);
  return Array.from({ length: count }, () => delay(random)).sort((a, b) => a - b);
};

describe('a known delay', () => {
  it('that is constant is always the same', () => {
    expect(new Set(draws(constantDelay(5_000)))).toEqual(new Set([5_000]));
  });

  it('that is uniform fills its range evenly', () => {
    const sorted = draws(uniformDelay(1_000, 9_000));
    for (const q of [0.01, 0.25, 0.5, 0.75, 0.99])
      expect(Math.abs(quantileOf(sorted, q) - (1_000 + 8_000 * q))).toBeLessThan(150);
  });

  it('that is bimodal has only its two values, in their shares', () => {
    const sorted = draws(bimodalDelay(1_000, 20_000, 0.2));
    expect(new Set(sorted)).toEqual(new Set([1_000, 20_000]));
    expect(Math.abs(sorted.filter((us) => us === 20_000).length / sorted.length - 0.2)).toBeLessThan(0.01);
  });

  it('with a heavy tail has the quantiles of a Pareto distribution, and its cap', () => {
    const sorted = draws(paretoDelay(1_000, 1.2, 50_000));
    for (const q of [0.1, 0.5, 0.9]) expect(quantileOf(sorted, q) / (1_000 / (1 - q) ** (1 / 1.2))).toBeCloseTo(1, 1);
    expect(sorted[0]).toBeGreaterThanOrEqual(1_000);
    expect(sorted.at(-1)).toBe(50_000);
  });
});

describe('goodness of fit', () => {
  it.each([
    // Critical values of the two-sided Kolmogorov-Smirnov test, from tables (L. H. Miller, 1956).
    [0.2417, 30, 0.05],
    [0.29, 30, 0.01],
    [0.13403, 100, 0.05],
    [0.16081, 100, 0.01],
  ])('gives a distance of %d in %d values the probability %d', (distance, samples, p) => {
    expect(kolmogorovP(distance, samples) / p).toBeGreaterThan(0.95);
    expect(kolmogorovP(distance, samples) / p).toBeLessThan(1.05);
  });

  it('is a probability that falls with the distance', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 1e6 }), (distance, samples) => {
        const p = kolmogorovP(distance, samples);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(kolmogorovP(Math.min(1, distance + 0.01), samples)).toBeLessThanOrEqual(p + 1e-9);
      }),
    );
  });

  it('takes exponential gaps for exponential, about as often as it promises', () => {
    const random = seededRandom(7);
    const gaps = () => Array.from({ length: 500 }, () => exponential(random) * 1_000);
    const rejected = Array.from({ length: 400 }, () => exponentialP(gaps(), 1_000)).filter((p) => p < 0.05).length;
    expect(rejected).toBeGreaterThan(5);
    expect(rejected).toBeLessThan(40);
  });

  it('takes even gaps, gaps in bursts, gaps of another mean and no gaps at all for none', () => {
    const random = seededRandom(7);
    const gaps = Array.from({ length: 2_000 }, () => exponential(random) * 1_000);
    let atUs = 0;
    const times = gaps.map((gap) => (atUs += gap));
    expect(exponentialP(gapsOf(times), 1_000)).toBeGreaterThan(0.001);
    expect(exponentialP(Array(2_000).fill(1_000), 1_000)).toBeLessThan(1e-6);
    expect(exponentialP(gapsOf(times.map((us) => Math.ceil(us / 10_000) * 10_000)), 1_000)).toBeLessThan(1e-6);
    expect(exponentialP(gaps, 1_200)).toBeLessThan(1e-6);
    expect(exponentialP([], 1_000)).toBe(0);
  });

  it('finds how far times lie behind an even grid, in whatever order they come', () => {
    expect(behindGrid([500, 100, 230, 300, 405], 100)).toEqual([0, 0, 0, 5, 30]);
    expect(behindGrid([], 100)).toEqual([]);
    expect(quantileOf([], 0.5)).toBeNaN();
    expect(quantileOf([1, 2, 3, 4], 0.5)).toBe(2);
    expect(quantileOf([1, 2, 3, 4], 0.99)).toBe(4);
  });
});

describe('a verdict', () => {
  const calm = { taken: { byHypervisor: 0.001, byOthers: 0.01 }, invalidBecause: [] };

  it('on counts is exact', () => {
    expect(exactly('lost', 12_345, 12_345)).toEqual({
      claim: 'lost',
      groundTruth: '12,345',
      measured: '12,345',
      outcome: 'holds',
    });
    expect(exactly('lost', 12_345, 12_346).outcome).toBe('wrong');
    expect(exactly('lost', 0, Number.NaN).outcome).toBe('wrong');
  });

  it('on times holds up to the tolerance, and never for no time', () => {
    expect(within('p50', 5_000, 100, 5_100).outcome).toBe('holds');
    expect(within('p50', 5_000, 100, 4_899).outcome).toBe('fails');
    expect(within('p50', 5_000, 100, Number.NaN).outcome).toBe('fails');
    expect(within('p50', 5_000, 100, 5_050)).toMatchObject({ groundTruth: '5.00 ms ± 100 µs', measured: '5.05 ms' });
    expect(below('lag', 25, 24.9).outcome).toBe('holds');
    expect(below('lag', 25, 25).outcome).toBe('fails');
    expect(below('lag', 25, Number.NaN).outcome).toBe('fails');
  });

  it('blames a wrong time on whoever took the machine, and a wrong count on nobody else', () => {
    const late = within('p50', 5_000, 100, 9_000);
    const stolen = { ...calm, taken: { byHypervisor: 0.12, byOthers: 0 } };
    const crowded = { ...calm, taken: { byHypervisor: 0, byOthers: 0.34 } };
    expect(verdictOn(late, calm)).toBe('FAILS');
    expect(verdictOn(late, { ...calm, invalidBecause: reasons('the generator was late') })).toBe(
      'FAILS: the generator was late',
    );
    expect(verdictOn(late, stolen)).toBe('disturbed: steal time was 12.0 %');
    expect(verdictOn(late, crowded)).toBe('disturbed: other processes took 34.0 %');
    expect(verdictOn(late, { ...calm, waitUs: 285 })).toBe('disturbed: a core here is taken away for 285 µs (p99)');
    expect(verdictOn(late, { ...calm, waitUs: 40 })).toBe('FAILS');
    expect(verdictOn(exactly('lost', 1, 2), stolen)).toBe('FAILS');
    expect(verdictOn(within('p50', 5_000, 100, 5_000), stolen)).toBe('holds');
  });

  it('on a stall expects what the fractions say', () => {
    expect(stalledQuantileUs(0.99, 500_000, 10_000_000)).toBeCloseTo(400_000);
    expect(stalledQuantileUs(0.999, 500_000, 10_000_000)).toBeCloseTo(490_000);
    expect(stalledQuantileUs(0.5, 500_000, 10_000_000)).toBe(0);
  });
});

describe('the machine', () => {
  const machine = (user: number, idle: number, steal: number) =>
    `cpu  ${user} 0 0 ${idle} 0 0 0 ${steal} 0 0\ncpu0 1 2 3 4\n`;
  const own = (ticks: number) => `12 (a) b (c) R 1 2 3 4 5 6 7 8 9 10 ${ticks} 0 0 0 20 0`;

  it('was taken by the hypervisor and by others as far as its ticks say', () => {
    const before = parseMachineTime(machine(100, 100, 0), own(50));
    const after = parseMachineTime(machine(200, 170, 30), own(100));
    expect(takenBetween(before, after)).toEqual({ byHypervisor: 0.15, byOthers: 0.25 });
    expect(takenBetween(undefined, after)).toEqual({ byHypervisor: 0, byOthers: 0 });
    expect(takenBetween(after, after)).toEqual({ byHypervisor: 0, byOthers: 0 });
  });

  it('shows a change that is large against the steps between neighbouring trials', () => {
    expect(noiseOf([100, 100, 100])).toEqual({ lnRatioDeviation: 0, visiblePercent: 0, trials: 10 });
    const { lnRatioDeviation, visiblePercent } = noiseOf([100, 110, 100, 110]);
    expect(lnRatioDeviation).toBeCloseTo(Math.log(1.1));
    expect(visiblePercent).toBeCloseTo(100 * Math.expm1((2.8 * Math.log(1.1)) / Math.sqrt(10)));
  });
});

describe('the null server', () => {
  it('takes the mask off every frame, wherever reads are cut', () => {
    const texts = ['', 'a', 'x'.repeat(125), 'y'.repeat(126), 'z'.repeat(3_000)];
    const sent = Buffer.concat(texts.map((text) => maskedFrame(opcodes.text, Buffer.from(text))));
    const expected = Buffer.concat(texts.map(unmaskedText));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: sent.length }), { maxLength: 20 }), (cuts) => {
        const unmasker = new Unmasker();
        const at = [0, ...cuts.toSorted((a, b) => a - b), sent.length];
        const out = at.slice(1).map((end, i) => unmasker.take(sent.subarray(at[i], end)));
        expect(Buffer.concat(out).equals(expected)).toBe(true);
      }),
    );
  });
});

describe('the record of a calibration', () => {
  const machine = { cpu: 'a CPU', cores: 2, node: 'v22.0.0', os: 'Linux 6' };
  const calibration: Calibration = {
    at: '2026-11-22T10:00:00.000Z',
    tool: '0.1.0',
    passed: 13,
    failed: ['held for 5 ms: p99'],
    headroom: { 'wire websocket echo': 2_000_000 },
    noise: { lnRatioDeviation: 0.02, visiblePercent: 1.8, trials: 10 },
  };
  const fresh = () => join(temporaryFolder(), 'socketbench', 'calibration.json');
  const holding = (text: string): string => {
    const path = join(temporaryFolder(), 'calibration.json');
    writeFileSync(path, text);
    return path;
  };

  afterEach(() => vi.unstubAllEnvs());

  it('is read back as it was written, and leaves no other file', () => {
    const path = fresh();
    writeCalibration(machine, { ...calibration, passed: 1 }, path);
    writeCalibration(machine, calibration, path);
    expect(readCalibration(machine, path)).toEqual(calibration);
    expect(readdirSync(join(path, '..'))).toEqual(['calibration.json']);
  });

  it('lies in the cache folder of the user, or in the one that XDG_CACHE_HOME names by a whole path', () => {
    vi.stubEnv('XDG_CACHE_HOME', '/elsewhere');
    expect(calibrationPath()).toBe('/elsewhere/socketbench/calibration.json');
    vi.stubEnv('HOME', '/home/somebody');
    for (const useless of ['', 'not/whole']) {
      vi.stubEnv('XDG_CACHE_HOME', useless);
      expect(calibrationPath()).toBe('/home/somebody/.cache/socketbench/calibration.json');
    }
  });

  it.each([
    ['cpu', { cpu: 'another CPU' }],
    ['number of cores', { cores: 4 }],
    ['Node', { node: 'v24.0.0' }],
    ['kernel', { os: 'Linux 7' }],
  ])('does not count on a machine with another %s', (_what, difference) => {
    const path = fresh();
    writeCalibration(machine, calibration, path);
    expect(readCalibration({ ...machine, ...difference }, path)).toBeNull();
  });

  it('that is hostile counts as none', () => {
    const spoilt = [
      { passed: -1 },
      { passed: '14' },
      { failed: ['x'.repeat(1_000)] },
      { failed: Array(1_000).fill('x') },
      { at: { toString: 'evil' } },
      { noise: { lnRatioDeviation: 1e308, visiblePercent: 1, trials: 1 } },
      { headroom: Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, 1])) },
      { headroom: { a: null } },
    ].map((part) => JSON.stringify({ machine, calibration: { ...calibration, ...part } }));
    const broken = ['', '{', 'null', '[]', '7', '"text"', '{"machine":null}', JSON.stringify({ machine })];
    const huge = JSON.stringify({ machine, calibration, more: 'x'.repeat(100_000) });
    for (const text of [...spoilt, ...broken, huge]) expect(readCalibration(machine, holding(text))).toBeNull();
    expect(readCalibration(machine, temporaryFolder())).toBeNull();
    expect(readCalibration(machine, '/does/not/exist')).toBeNull();
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readCalibration(machine, holding(text))).toBeNull();
      }),
      {
        numRuns: 30,
      },
    );
  });

  it('that cannot be kept is a sentence with a remedy', () => {
    const file = holding('in the way');
    expect(() => writeCalibration(machine, calibration, join(file, 'calibration.json'))).toThrow(
      /^the calibration cannot be kept in .*XDG_CACHE_HOME/,
    );
  });

  it('is shown by the report of every run after it', () => {
    const notes = (part: Partial<RunLine>) =>
      summarise(readResult(fileOf(runLine(part), trialLine(), endLine()), 'a.jsonl')).notes.join('\n');
    expect(notes({ calibration: { ...calibration, failed: [] } })).toContain(
      'Calibrated 2026-11-22, 13 of 13 claims hold.',
    );
    expect(notes({ calibration })).toContain('13 of 14 claims hold; not shown to hold: held for 5 ms: p99.');
    expect(notes({ calibration: null })).toContain('never calibrated: run `bench calibrate`');
    expect(notes({})).not.toContain('alibrated');
  });
});

describe('bench calibrate', () => {
  it('records what it found, and later results carry it', async () => {
    const folder = temporaryFolder();
    const env = { XDG_CACHE_HOME: join(folder, 'cache') };
    vi.stubEnv('XDG_CACHE_HOME', env.XDG_CACHE_HOME);
    const checked: string[] = [];
    const { findings, calibration } = await calibrate(
      { pace: 'quick', only: 'counters', tool: 'test' },
      new AbortController().signal,
      ({ title }) => checked.push(title),
    );
    writeCalibration(describeEnvironment(divideCores().description), calibration);
    vi.unstubAllEnvs();
    expect(checked).toEqual(['counts of an echo server', 'counts of a broadcast server']);
    expect(findings.map(({ verdict }) => verdict)).toEqual(['holds', 'holds', 'holds', 'holds']);
    expect(calibration).toMatchObject({ tool: 'test', passed: 4, failed: [] });
    const out = join(folder, 'out.jsonl');
    const short = ['--target', 'ws', '--trials', '1', '--connections', '5', '--warmup', '0s', '--duration', '100ms'];
    await benchHere(['run', 'idle', ...short, '--quiet', '--out', out], folder, env);
    expect(readLines(out)[0]).toMatchObject({ type: 'run', calibration: JSON.parse(JSON.stringify(calibration)) });
  });

  it('turns red when the harness loses count, says that it was broken on purpose, and records nothing', async () => {
    const folder = temporaryFolder();
    const env = { XDG_CACHE_HOME: folder, BENCH_SABOTAGE: 'count' };
    // What is broken on purpose does not get better by another try.
    const once = ['calibrate', '--quick', '--only', 'faults', '--patience', '0s'];
    const { code, stdout, stderr } = await bench(once, folder, env);
    const row = (claim: string) => stdout.split('\n').find((line) => line.includes(claim));
    expect(code).toBe(3);
    expect(row('every 1000th dropped: lost')).toMatch(/FAILS$/);
    expect(row('with faults: messages the server sent')).toMatch(/FAILS$/);
    expect(row('with faults: messages the server received')).toMatch(/holds$/);
    expect(stderr).toContain('measures wrongly on purpose (BENCH_SABOTAGE=count,');
    expect(existsSync(join(folder, 'socketbench', 'calibration.json'))).toBe(false);
  });

  it('of one claim alone holds as well, and records nothing', async () => {
    const folder = temporaryFolder();
    const env = { XDG_CACHE_HOME: folder };
    const { code, stdout } = await benchHere(['calibrate', '--quick', '--only', 'faults'], folder, env);
    expect(stdout).toContain('6 of 6 claims hold');
    expect(code).toBe(0);
    expect(existsSync(join(folder, 'socketbench', 'calibration.json'))).toBe(false);
  });

  it('knows its claims by name', async () => {
    const { code, stderr } = await benchHere(['calibrate', '--only', 'luck']);
    expect(code).toBe(2);
    for (const name of claimNames) expect(stderr).toContain(name);
  });

  it('leaves no file and no variable behind when it is interrupted', async () => {
    const tmp = temporaryFolder();
    mkdirSync(join(tmp, 'own'));
    vi.stubEnv('TMPDIR', join(tmp, 'own'));
    const interrupt = new AbortController();
    const outcome = calibrate({ pace: 'quick', only: 'faults', tool: 'test' }, interrupt.signal, () =>
      setTimeout(() => interrupt.abort(new Error('enough')), 300),
    );
    await expect(outcome).rejects.toThrow('enough');
    expect(readdirSync(join(tmp, 'own'))).toEqual([]);
    expect(process.env['BENCH_GROUND_TRUTH_FILE']).toBeUndefined();
    vi.unstubAllEnvs();
  });
});
