/** How many samples a verdict needs: as the tests themselves say of samples that lie wholly apart. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holm, leastForks, leastTrials } from '../dist/core/statistics/corrections.js';
import { mannWhitney, signedRank } from '../dist/core/statistics/rank-tests.js';

const rising = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
const forksP = (n: number): number => signedRank(rising(n)).p;
const trialsP = (n: number): number =>
  mannWhitney(
    rising(n),
    rising(n).map((value) => value + n),
  ).p;
/** What Holm makes of the best p that there is, when all gates have it. */
const corrected = (p: number, gates: number): number => holm(new Array<number>(gates).fill(p))[0]!;

describe('the least number of samples', () => {
  it.each([
    [1, 0.05, 6, 4],
    [4, 0.05, 8, 5],
    [4, 0.01, 10, 6],
    [1, 0.1, 5, 3],
    [1, 1, 1, 1],
  ])('for %i gates at alpha %f is %i forks or %i trials', (gates, alpha, forks, trials) => {
    expect(leastForks(gates, alpha)).toBe(forks);
    expect(leastTrials(gates, alpha)).toBe(trials);
  });

  it('reaches alpha after correction, and one less does not', () => {
    const alphas = fc.constantFrom(0.2, 0.1, 0.05, 0.04, 0.01, 0.001);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), alphas, (gates, alpha) => {
        for (const [least, p] of [
          [leastForks(gates, alpha), forksP],
          [leastTrials(gates, alpha), trialsP],
        ] as const) {
          expect(corrected(p(least), gates)).toBeLessThanOrEqual(alpha);
          expect(corrected(p(least - 1), gates)).toBeGreaterThan(alpha);
        }
      }),
    );
  });

  it('is what `leastP` of a comparison tells', () => {
    for (const n of [1, 2, 5, 9]) {
      expect(signedRank(rising(n)).leastP).toBe(forksP(n));
      expect(mannWhitney(rising(n), rising(n)).leastP).toBe(trialsP(n));
    }
  });

  it('is an error where there is none', () => {
    for (const least of [leastForks, leastTrials]) {
      expect(() => least(1, 0)).toThrow(new RangeError('no number of samples reaches an alpha of 0'));
      expect(() => least(1, Number.NaN)).toThrow(RangeError);
      expect(() => least(0, 0.05)).toThrow(new RangeError('0 gates need no samples'));
    }
  });
});
