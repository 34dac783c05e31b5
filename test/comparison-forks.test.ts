/** What is said about the forks of one job, and when a gate may go by it. */

import { describe, expect, test } from 'vitest';
import type { TrialLine } from '../dist/core/result.js';
import { compareForks } from '../dist/reports/comparison/compare-forks.js';
import { lookAt } from '../dist/reports/comparison/comparison.js';
import { forkRatios } from '../dist/reports/comparison/sample.js';
import { readTrials } from '../dist/reports/results/read-trial.js';
import { forkOf, forks, gate, resultOf, rowOf, sidedRun, verdicts } from './fixtures/compared-results.js';
import { reasons, runLine, workload } from './fixtures/result-lines.js';

describe('forks of one job', () => {
  test('show a shift that was put there, through the drift of the machine, and can be gated', () => {
    const gates = [gate('throughput', 0.05), gate('p99', 0.1)];
    const comparison = compareForks(resultOf(forks({ rate: 0.9, latency: 1.2 }), sidedRun()), gates, 0.01);
    expect(comparison).toMatchObject({ design: 'forks', gateable: true, warnings: [] });
    expect([comparison.base.label, comparison.head.label]).toEqual(['main', 'HEAD']);
    const throughput = rowOf(comparison, 'throughput');
    expect(throughput).toMatchObject({
      target: './server.js',
      verdict: 'regression',
      gate: gates[0],
      leastShare: 0.05,
    });
    expect(throughput.change!.share).toBeCloseTo(-0.1, 3);
    expect(throughput.samples).toEqual({ base: 12, head: 12 });
    // Exact: all twelve forks of one sign, times two gates.
    expect(throughput.p).toBeCloseTo((2 * 2) / 2 ** 12, 12);
    expect(rowOf(comparison, 'p99').verdict).toBe('regression');
    const exploratory = rowOf(comparison, 'cpuPerDelivery');
    expect([exploratory.verdict, exploratory.gate]).toEqual(['no change', undefined]);
  });

  test('of one server show no change, and none of identical figures', () => {
    for (const lines of [forks(), Array.from({ length: 12 }, (_, i) => forkOf(i, {}, {})).flat()])
      expect(new Set(Object.values(verdicts(compareForks(resultOf(lines, sidedRun()), [], 0.01))))).toEqual(
        new Set(['no change']),
      );
  });

  test('give the pseudo-median over windows for rates and CPU, and the ratio of the figures for latency', () => {
    const [base, head] = forkOf(0, { rate: 1000, cpuUs: 2, latencyUs: 100 }, { rate: 1000, cpuUs: 2, latencyUs: 110 });
    const windows = [0.5, 0.8, 3].map((factor, i) => {
      const { seconds, delivered, serverCpuUs } = base!.fork!.windows[i]!;
      return { seconds, delivered: delivered * factor, serverCpuUs };
    });
    const lines = [base!, { ...head!, fork: { side: 'head' as const, windows } }];
    // Of the six means of two windows, in order of size: that of .5 and 3 lies above .8 alone, both in the middle.
    const expected = (Math.log(0.8) + Math.log(0.5 * 3) / 2) / 2;
    expect(forkRatios(readTrials(lines), 'throughput')).toEqual([expect.closeTo(expected, 12)]);
    expect(forkRatios(readTrials(lines), 'cpuPerDelivery')).toEqual([expect.closeTo(-expected, 12)]);
    expect(forkRatios(readTrials(lines), 'p99')).toEqual([expect.closeTo(Math.log(1.1), 2)]);
  });

  test('count only where both sides are valid, a repeated fork once', () => {
    const invalid = { valid: false, invalidBecause: reasons('the generator was late') };
    const [base, head] = forkOf(0, {}, { rate: 1 }) as [TrialLine, TrialLine];
    const repeated = forkOf(0, {}, { rate: 20_000 }, { attempt: 2 });
    const lines = [{ ...base, ...invalid }, head, ...repeated, ...forkOf(1, {}, {}), { ...base, block: 2 }];
    expect(forkRatios(readTrials(lines), 'throughput').map(Math.exp)).toEqual([
      expect.closeTo(2, 9),
      expect.closeTo(1, 9),
    ]);
    const { warnings } = compareForks(resultOf(lines, sidedRun()), [], 0.01);
    expect(warnings).toContain('1 invalid fork left out (base: the generator was late).');
  });

  test('that are invalid say what was wrong with each side, and what errors it had', () => {
    const [base, head] = forkOf(0, {}, {}) as [TrialLine, TrialLine];
    const refused = { counts: { ...head.counts, connectFailed: 2, errors: { 'connect:http-503': 2 } } };
    const lines = [
      { ...base, valid: false, invalidBecause: reasons('the machine was busy') },
      { ...head, ...refused, valid: false, invalidBecause: reasons('two could not be opened') },
    ];
    const [warning] = compareForks(resultOf(lines, sidedRun()), [], 0.01).warnings;
    expect(warning).toContain('(both sides: the machine was busy');
    expect(warning).toContain('two could not be opened');
    expect(warning).toContain('2 errors of class connect:http-503');
  });

  test('ignore empty windows and, without any, give no ratio', () => {
    const [base, head] = forkOf(0, {}, {}) as [TrialLine, TrialLine];
    const empty = { seconds: 0.1, delivered: 0, serverCpuUs: 0 };
    const some = { ...head, fork: { side: 'head' as const, windows: [empty, ...head.fork!.windows.slice(1)] } };
    const none = { ...head, fork: { side: 'head' as const, windows: [empty] } };
    expect(forkRatios(readTrials([base, some]), 'throughput')).toEqual([0]);
    expect(forkRatios(readTrials([base, none]), 'throughput')).toEqual([]);
    expect(compareForks(resultOf([base, none], sidedRun()), [], 0.01).rows[0]!.verdict).toBe('no data');
  });

  test('that are too few say how many it takes', () => {
    const gates = [gate('throughput', 0.05), gate('p99', 0.1)];
    const comparison = compareForks(resultOf(forks({ rate: 0.5 }, 5), sidedRun()), gates, 0.05);
    expect(rowOf(comparison, 'throughput')).toMatchObject({ verdict: 'needs more', needs: 7 });
    expect(rowOf(comparison, 'p50')).toMatchObject({ verdict: 'needs more', needs: 6 });
    expect(comparison.warnings).toContain(
      'Too few forks of ./server.js: a verdict needs at least 7 forks, and there are 5.',
    );
  });

  test('are not gateable from a run that was cut or interrupted, from other files, or from unequal work', () => {
    const good = resultOf(forks(), sidedRun());
    const { end, ...open } = good;
    const trials = good.trials.map((trial, i) => (i === 3 ? { ...trial, workload } : trial));
    for (const result of [
      { ...open, partial: true },
      { ...good, end: { ...end!, interrupted: true } },
      { ...good, run: runLine() },
      { ...good, trials },
    ]) {
      const comparison = compareForks(result, [], 0.01);
      expect(comparison.gateable).toBe(false);
      expect(comparison.warnings[0]).toMatch(/no gate accepts/);
    }
    expect(compareForks(good, [], 0.01).gateable).toBe(true);
  });

  test('with a gate that has no data keep its place in the correction', () => {
    const lines = forks({ rate: 0.9 }).map((trial) => ({ ...trial, server: null }));
    const gates = [gate('throughput', 0.05), gate('cpuPerDelivery', 0.05)];
    const comparison = compareForks(resultOf(lines, sidedRun()), gates, 0.01);
    expect(rowOf(comparison, 'cpuPerDelivery')).toMatchObject({ verdict: 'no data', gate: gates[1] });
    expect(rowOf(comparison, 'throughput').p).toBeCloseTo(4 / 2 ** 12, 12);
  });

  test('are judged at .01 at the first look and at .04 at the second', () => {
    expect([1, 12, 13, 20, 30].map((valid) => lookAt(valid, {}).alpha)).toEqual([0.01, 0.01, 0.04, 0.04, 0.04]);
  });

  test('are judged at the looks that were planned for them', () => {
    const looks = [{ forks: 10, alpha: 0.05 }];
    expect([1, 10, 11].map((valid) => lookAt(valid, { looks }).alpha)).toEqual([0.05, 0.05, 0.05]);
  });
});
