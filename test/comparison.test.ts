/** What is said about trials of two jobs: changes that are there, none that are not, and what cannot be said. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TrialLine } from '../dist/core/result.js';
import { compareTrials } from '../dist/reports/comparison/compare-trials.js';
import type { Comparison } from '../dist/reports/comparison/comparison.js';
import { formatNames } from '../dist/reports/format-registry.js';
import { readResult } from '../dist/reports/results/result-reader.js';
import { closed, closedTrial, gate, resultOf, rowOf, trialsOf, verdicts } from './fixtures/compared-results.js';
import { comparisonAs } from './fixtures/formats.js';
import { endLine, fileOf, latencyOf, reasons, runLine, trialLine } from './fixtures/result-lines.js';

describe('trials of two jobs', () => {
  test('show a shift that was put there, with its size and direction', () => {
    const comparison = compareTrials(
      [resultOf(trialsOf(10))],
      [resultOf(trialsOf(10, { rate: 8000, cpuUs: 3, latencyUs: 150 }))],
      [],
    );
    expect(verdicts(comparison)).toEqual({
      throughput: 'regression',
      cpuPerDelivery: 'improvement',
      p50: 'regression',
      p99: 'regression',
    });
    const { change, base, head, samples } = rowOf(comparison, 'throughput');
    expect(change!.share).toBeCloseTo(-0.2, 9);
    expect(change!.low).toBeLessThanOrEqual(change!.share);
    expect(change!.high).toBeGreaterThanOrEqual(change!.share);
    expect(head!.median / base!.median).toBeCloseTo(0.8, 9);
    expect(samples).toEqual({ base: 10, head: 10 });
  });

  test('of one server show no change, and are never gateable', () => {
    const comparison = compareTrials([resultOf(trialsOf(10))], [resultOf(trialsOf(10), { seed: 7 })], []);
    expect(new Set(Object.values(verdicts(comparison)))).toEqual(new Set(['no change']));
    expect(comparison.gateable).toBe(false);
    expect(comparison.warnings).toHaveLength(1);
    expect(comparison.warnings[0]).toMatch(/different jobs.*never gated/);
  });

  test('on a machine that drifts as far as the trials differ show nothing', () => {
    const drifting = (from: number) =>
      resultOf(Array.from({ length: 10 }, (_, i) => closedTrial({ rate: 10_000 * (1 + (from + 2 * i) / 50) })));
    expect(rowOf(compareTrials([drifting(0)], [drifting(1)], []), 'throughput').verdict).toBe('inconclusive');
  });

  test('of several files of a side are its trials together', () => {
    const files = [0, 1, 2].map((i) => resultOf(trialsOf(2 + i), { startedAt: `2025-11-22T0${i}:00:00Z` }));
    const { base, rows } = compareTrials(files, [resultOf(trialsOf(4))], []);
    expect(base.files).toBe(3);
    expect(rows[0]!.samples).toEqual({ base: 9, head: 4 });
  });

  test('take at least twice the effect that forks of one job take', () => {
    const slower = (rate: number) =>
      compareTrials([resultOf(trialsOf(10))], [resultOf(trialsOf(10, { rate }))], []).rows[0]!;
    expect(slower(9550)).toMatchObject({ leastShare: 0.06, verdict: 'small change' });
    expect(slower(9300).verdict).toBe('regression');
  });

  test('take more on a machine that is known to be noisy, and say so', () => {
    const noise = { lnRatioDeviation: 0.2, visiblePercent: 25, trials: 10 };
    const calibration = { at: '2025-11-01', tool: '0.1.0', passed: 9, failed: [], headroom: {}, noise };
    const comparison = compareTrials(
      [resultOf(trialsOf(10), { calibration })],
      [resultOf(trialsOf(10, { rate: 8500 }))],
      [gate('p50', 0.1)],
    );
    expect(rowOf(comparison, 'throughput')).toMatchObject({ leastShare: 0.25, verdict: 'small change' });
    expect(rowOf(comparison, 'p50').leastShare).toBe(0.25);
    expect(comparison.warnings.join()).toContain('25.0 %');
  });

  test.each([
    [1, 1],
    [3, 3],
  ])('that are too few (%i and %i) get no verdict but the number that is needed', (base, head) => {
    const comparison = compareTrials([resultOf(trialsOf(base))], [resultOf(trialsOf(head, { rate: 5000 }))], []);
    for (const row of comparison.rows) expect(row).toMatchObject({ verdict: 'needs more', needs: 4 });
    expect(rowOf(comparison, 'throughput').change!.share).toBeCloseTo(-0.5, 2);
    expect(comparison.warnings.join()).toContain('a verdict needs at least 4 of each side');
  });

  test('with several gates take more trials, for they are corrected together', () => {
    const gates = [gate('throughput', 0.06), gate('p50', 0.1), gate('p99', 0.2), gate('cpuPerDelivery', 0.06)];
    const comparison = compareTrials([resultOf(trialsOf(4))], [resultOf(trialsOf(4))], gates);
    for (const row of comparison.rows) expect(row).toMatchObject({ verdict: 'needs more', needs: 5 });
  });

  test('of an open loop are compared by response time, throughput last', () => {
    const open = (addUs: number) =>
      resultOf(
        Array.from({ length: 6 }, (_, i) =>
          trialLine({
            target: 'ws',
            latencyUs: { response: latencyOf([1000 + addUs + i]), service: latencyOf([500 + i]) },
          }),
        ),
      );
    const comparison = compareTrials([open(0)], [open(500)], []);
    expect(comparison.rows.map(({ metric }) => metric)).toEqual(['cpuPerDelivery', 'p50', 'p99', 'throughput']);
    expect(verdicts(comparison)).toMatchObject({ p50: 'regression', p99: 'regression', throughput: 'no change' });
  });

  test('have their rows in the order of the scenario, whichever ran first', () => {
    const both = ['uws', 'ws'].flatMap((target) => trialsOf(4).map((trial) => ({ ...trial, target })));
    const scenario = { ...runLine().scenario, targets: ['ws', 'uws'], workloads: [closed] };
    const { rows } = compareTrials([resultOf(both)], [resultOf(both, { scenario })], []);
    expect([...new Set(rows.map(({ target }) => target))]).toEqual(['ws', 'uws']);
  });

  test('have rows for every metric on demand, and for each metric that a gate names', () => {
    const [base, head] = [[resultOf(trialsOf(5))], [resultOf(trialsOf(5))]];
    const metrics = (comparison: Comparison) => comparison.rows.map(({ metric }) => metric);
    expect(metrics(compareTrials(base, head, [], 'all'))).toEqual(
      expect.arrayContaining(['throughput', 'cpuPerDelivery', 'p50', 'p90', 'p95', 'p99', 'p999', 'rss']),
    );
    const rss = gate('rss', 0.1);
    const gated = compareTrials(base, head, [rss]);
    expect(metrics(gated)).toEqual(['throughput', 'cpuPerDelivery', 'p50', 'p99', 'rss']);
    expect(rowOf(gated, 'rss')).toMatchObject({ gate: rss, leastShare: 0.1 });
  });
});

describe('figures that are missing', () => {
  test('make a row without data, never one of NaN', () => {
    const comparison = compareTrials(
      [resultOf([closedTrial({}, { server: null })])],
      [resultOf([closedTrial({ rate: 0, cpuUs: 0 }, { latencyUs: { response: null, service: latencyOf([]) } })])],
      [],
      'all',
    );
    const [missing, present] = [
      comparison.rows.filter(({ metric }) => metric !== 'rss'),
      comparison.rows.find(({ metric }) => metric === 'rss')!,
    ];
    for (const row of missing) expect(row).toMatchObject({ change: undefined, p: undefined, verdict: 'no data' });
    expect(present).toMatchObject({ base: undefined, verdict: 'no data' });
    expect(JSON.stringify(comparison)).not.toMatch(/NaN|Infinity/);
    // The script of a page has these words as code.
    for (const format of formatNames('comparison'))
      expect(
        comparisonAs(format, comparison, { colour: false, width: 100 }).replace(/<script>.*?<\/script>/gs, ''),
      ).not.toMatch(/NaN|Infinity|undefined/);
  });

  test('of some trials are left out of their row, and named', () => {
    const base = resultOf([...trialsOf(5), closedTrial({ cpuUs: 0 }), closedTrial({}, { server: null })]);
    const comparison = compareTrials([base], [resultOf(trialsOf(5))], []);
    expect(rowOf(comparison, 'cpuPerDelivery').samples).toEqual({ base: 5, head: 5 });
    expect(rowOf(comparison, 'throughput').samples).toEqual({ base: 7, head: 5 });
    expect(comparison.warnings.join('\n')).toContain('ws: 2 trials of base left out of CPU per delivery');
  });

  test('by unanswered messages make a quantile a lower bound, not a small one', () => {
    const lost = closedTrial({ latencyUs: 100 }, { measured: { scheduled: 100, sent: 100, owed: 100, delivered: 90 } });
    const { head, base } = rowOf(compareTrials([resultOf(trialsOf(1))], [resultOf([lost])], []), 'p99');
    expect(head).toMatchObject({ median: 1_000_000, mark: 'at least' });
    expect(base!.mark).toBeUndefined();
  });

  test('and quantiles of too few messages are marked', () => {
    const few = closedTrial({}, { measured: { scheduled: 9999, sent: 9999, owed: 9999, delivered: 9999 } });
    const comparison = compareTrials([resultOf(trialsOf(1))], [resultOf([few])], []);
    expect([rowOf(comparison, 'p50').head!.mark, rowOf(comparison, 'p99').head!.mark]).toEqual([undefined, 'not firm']);
    expect(comparisonAs('text', comparison, { colour: false, width: 120 })).toMatch(/p99 .*~100 µs/);
  });

  test('of invalid trials are left out with their reason', () => {
    const late = closedTrial({ rate: 1 }, { valid: false, invalidBecause: reasons('the generator was late') });
    const comparison = compareTrials([resultOf(trialsOf(5))], [resultOf([late, ...trialsOf(5)])], []);
    expect(rowOf(comparison, 'throughput').samples).toEqual({ base: 5, head: 5 });
    expect(comparison.warnings).toContain('head: 1 invalid trial left out (ws: the generator was late).');
  });

  test('of trials that were measured again are told apart from those of invalid trials', () => {
    const few = { code: 'sends-late', late: 1, sends: 75, lagUs: 3_400, mostLagUs: 1_000 } as const;
    const late = { valid: false, invalidBecause: [few] };
    const attempts = [
      { id: 0, ...late },
      { id: 0, attempt: 2, ...late },
      { id: 0, attempt: 3 },
      { id: 1, ...late },
    ];
    const lines = attempts.map((changes) => closedTrial({}, changes));
    // Trials of two files have the same numbers, and are different trials.
    const files = ['a', 'b'].map((name) => readResult(fileOf(runLine(), ...lines, endLine()), name));
    const { warnings } = compareTrials([resultOf(trialsOf(5))], files, []);
    expect(warnings.filter((warning) => warning.includes('late'))).toEqual([
      expect.stringMatching(/^head: 2 invalid trials left out \(ws: 1 of 75 messages left late, .*\)\. Stop what else/),
      'head: 2 trials measured again: messages left late (ws).',
    ]);
  });
});

test('whatever the figures, every number of a comparison is finite', () => {
  const amount = fc.oneof(fc.constantFrom(0, 5e-324, 1e-300, 1, 1e15), fc.double({ min: 0, max: 1e15, noNaN: true }));
  const trial = fc.record({ rate: amount, cpuUs: amount }).map(({ rate, cpuUs }) => closedTrial({ rate, cpuUs }));
  fc.assert(
    fc.property(
      fc.array(trial, { minLength: 1, maxLength: 6 }),
      fc.array(trial, { minLength: 1, maxLength: 6 }),
      (a, b) => {
        for (const { change, p } of compareTrials([resultOf(a)], [resultOf(b)], []).rows)
          for (const value of [change?.share ?? 0, change?.low ?? 0, change?.high ?? 0, p ?? 0])
            expect(Number.isFinite(value)).toBe(true);
      },
    ),
    { numRuns: 40 },
  );
});

test('a p95 is read from the histogram where a file of an earlier version has no other', () => {
  const earlier = (trials: readonly TrialLine[]) =>
    trials.map((trial) => {
      const { p95: _later, ...service } = trial.latencyUs.service;
      return { ...trial, latencyUs: { ...trial.latencyUs, service } };
    });
  const rows = (change: (trials: readonly TrialLine[]) => readonly TrialLine[]) =>
    compareTrials([resultOf(change(trialsOf(5)))], [resultOf(change(trialsOf(5)))], [], 'all').rows;
  const p95 = rows(earlier).find(({ metric }) => metric === 'p95');
  expect(p95?.base).toBeDefined();
  expect(p95).toEqual(rows((trials) => trials).find(({ metric }) => metric === 'p95'));
});
