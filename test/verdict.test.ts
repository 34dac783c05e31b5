/** What is said of a difference: each rule, its boundary, and the order of the rules. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, type Verdict, worseUpwards } from '../dist/core/gates/verdict.js';
import type { Difference, Interval } from '../dist/core/statistics/intervals.js';
import { signedRank } from '../dist/core/statistics/rank-tests.js';

const least = Math.log(1.05);
const alpha = 0.05;
const interval = (low: number, high: number): Interval => ({ low, high });

/** Nothing shown in any way, but for what a test states. */
const unclear: Difference = {
  estimate: 0,
  p: 1,
  ci95: interval(-1, 1),
  ci90: interval(-1, 1),
  n: 12,
  leastP: 2 ** -11,
};
const said = (of: Partial<Difference>, p = 1): Verdict => judge({ ...unclear, ...of }, p, least, alpha);

describe('a verdict is', () => {
  it('regression from a corrected p of alpha and an estimate of the least effect on', () => {
    expect(said({ estimate: least }, alpha)).toBe('regression');
    expect(said({ estimate: least }, alpha + 1e-12)).toBe('inconclusive');
    expect(said({ estimate: least - 1e-12 }, alpha)).toBe('inconclusive');
  });

  it('improvement for the mirror image', () => {
    expect(said({ estimate: -least }, alpha)).toBe('improvement');
    expect(said({ estimate: -least }, alpha + 1e-12)).toBe('inconclusive');
    expect(said({ estimate: -least + 1e-12 }, alpha)).toBe('inconclusive');
  });

  it('decided by the corrected p, not by that of the test', () => {
    expect(said({ estimate: least, p: 0.001 }, 0.06)).toBe('inconclusive');
    expect(said({ estimate: least, p: 0.06 }, 0.001)).toBe('regression');
  });

  it.each([
    { side: 'above', sign: 1 },
    { side: 'below', sign: -1 },
  ])('small change where the 95 % interval is $side 0 and the estimate inside the least effect', ({ sign }) => {
    const reaching = (near: number): Interval => (sign > 0 ? interval(near, 1) : interval(-1, -near));
    expect(said({ estimate: sign * (least - 1e-12), ci95: reaching(1e-12) })).toBe('small change');
    expect(said({ estimate: sign * (least - 1e-12), ci95: reaching(1e-12) }, 0.001)).toBe('small change');
    expect(said({ estimate: sign * (least - 1e-12), ci95: reaching(0) })).toBe('inconclusive');
    expect(said({ estimate: sign * least, ci95: reaching(1e-12) })).toBe('inconclusive');
  });

  it('small change rather than no change where both hold', () => {
    const both = { estimate: 0.01, ci95: interval(0.001, 0.02), ci90: interval(0.002, 0.02) };
    expect(said(both)).toBe('small change');
    expect(said({ ...both, ci95: interval(-0.001, 0.02) })).toBe('no change');
  });

  it('no change where the 90 % interval lies within the least effect, its ends included', () => {
    expect(said({ ci90: interval(-least, least) })).toBe('no change');
    expect(said({ ci90: interval(-least, least + 1e-12) })).toBe('inconclusive');
    expect(said({ ci90: interval(-least - 1e-12, least) })).toBe('inconclusive');
  });

  it('inconclusive where the samples are too few for the level of the interval', () => {
    const small = { estimate: 0.01, ci95: interval(0.001, 1) };
    expect(said({ ...small, leastP: 0.05 })).toBe('small change');
    expect(said({ ...small, leastP: 0.0625 })).toBe('inconclusive');
    expect(said({ ci90: interval(0, 0), leastP: 0.1 })).toBe('no change');
    expect(said({ ci90: interval(0, 0), leastP: 0.125 })).toBe('inconclusive');
  });

  it('no change for forks that do not differ at all, and inconclusive for a single one', () => {
    const verdict = (differences: readonly number[]): Verdict => {
      const difference = signedRank(differences);
      return judge(difference, difference.p, least, alpha);
    };
    expect(verdict(new Array<number>(12).fill(0))).toBe('no change');
    expect(verdict([0])).toBe('inconclusive');
    expect(verdict(new Array<number>(12).fill(0.1))).toBe('regression');
    expect(verdict([0.1])).toBe('inconclusive');
  });

  it('never one that an exchange of the sides would not mirror', () => {
    const mirror = { regression: 'improvement', improvement: 'regression' } as const;
    const log = fc.double({ min: -0.2, max: 0.2, noNaN: true });
    const ends = fc.tuple(log, log).map(([a, b]) => interval(Math.min(a, b), Math.max(a, b)));
    const differences = fc.record({ ci95: ends, ci90: ends, estimate: log });
    fc.assert(
      fc.property(differences, fc.constantFrom(0.01, 0.5), (of, p) => {
        const difference = { ...unclear, ...of };
        const there = judge(worseUpwards(difference, 'lower'), p, least, alpha);
        const back = judge(worseUpwards(difference, 'higher'), p, least, alpha);
        expect(back).toBe(there === 'regression' || there === 'improvement' ? mirror[there] : there);
      }),
    );
  });
});

describe('a difference turned so that above 0 is worse', () => {
  const measured = { ...unclear, estimate: 0.2, p: 0.01, ci95: interval(-0.1, 0.5), ci90: interval(0, 0.4) };

  it('stays where less is better', () => {
    expect(worseUpwards(measured, 'lower')).toEqual(measured);
  });

  it('is mirrored where more is better, without a -0', () => {
    const turned = { ...measured, estimate: -0.2, ci95: interval(-0.5, 0.1), ci90: interval(-0.4, 0) };
    expect(worseUpwards(measured, 'higher')).toEqual(turned);
  });

  it('is that of the exchanged sides', () => {
    const differences = [0.1, -0.02, 0.3, 0.07, 0, 0.02];
    const { v: _, ...exchanged } = signedRank(differences.map((difference) => -difference));
    expect(worseUpwards(signedRank(differences), 'higher')).toEqual(exchanged);
  });
});
