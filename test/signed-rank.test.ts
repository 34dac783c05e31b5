/** The comparison of pairs by their differences: R's answers, plain enumeration, and what must hold for all samples. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signedRank } from '../dist/core/statistics/rank-tests.js';
import { enumeratedP, furthest, isMarked, masks, vectors } from './rank-vectors.js';

/** So few values to draw from that most samples have ties and zeros. */
const tied = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 8 });
/** Quarters, so that sums and means are exact. */
const quarters = fc.array(
  fc.integer({ min: -400, max: 400 }).map((value) => value / 4),
  { minLength: 1, maxLength: 14 },
);
/** No two of the same size and none 0. */
const apart = (length: number) =>
  fc
    .uniqueArray(fc.integer({ min: 1, max: 1e6 }), { minLength: length, maxLength: length })
    .chain((sizes) =>
      fc
        .array(fc.boolean(), { minLength: length, maxLength: length })
        .map((signs) => sizes.map((size, i) => (signs[i] ? size : -size))),
    );
const times = (count: number, value: number): number[] => new Array<number>(count).fill(value);

/** Twice the V of differences that are not 0: each is ranked by counting those that are smaller or equal. */
const doubledV = (differences: readonly number[]): number =>
  differences
    .filter((difference) => difference > 0)
    .map((difference) => {
      const sizes = differences.map(Math.abs);
      const smaller = sizes.filter((size) => size < difference).length;
      const equal = sizes.filter((size) => size === difference).length;
      return 2 * smaller + equal + 1;
    })
    .reduce((sum, rank) => sum + rank, 0);

/** The differences with every choice of signs. */
const signings = (differences: readonly number[]): number[][] =>
  masks(differences.length).map((mask) =>
    differences.map((difference, i) => (isMarked(mask, i) ? Math.abs(difference) : 0 - Math.abs(difference))),
  );

const meansOf = (values: readonly number[]): number[] =>
  values.flatMap((one, i) => values.slice(0, i + 1).map((other) => (one + other) / 2)).sort((a, b) => a - b);

describe('the signed-rank test', () => {
  it.each(vectors.signedRank)('agrees with R to 1e-9 on $diffsLog.length differences with V = $v', (vector) => {
    const ours = signedRank(vector.diffsLog);
    expect(
      furthest([
        [ours.v, vector.v],
        [ours.p, vector.p],
        [ours.p / vector.p, 1],
        [ours.estimate, vector.pseudomedianLog],
        [ours.ci95.low, vector.ci95Log[0]],
        [ours.ci95.high, vector.ci95Log[1]],
      ]),
    ).toBeLessThan(1e-9);
  });

  it('has the p of counting every choice of signs, with ties and without, zeros left out', () => {
    fc.assert(
      fc.property(tied, (differences) => {
        const moved = differences.filter((difference) => difference !== 0);
        const ours = signedRank(differences);
        expect(ours.v).toBe(doubledV(moved) / 2);
        expect(ours.p).toBeCloseTo(enumeratedP(signings(moved).map(doubledV), 2 * ours.v), 12);
      }),
    );
  });

  it('says the same of exchanged sides, the other way round', () => {
    fc.assert(
      fc.property(quarters, (differences) => {
        const there = signedRank(differences);
        const back = signedRank(differences.map((difference) => 0 - difference));
        const moved = differences.filter((difference) => difference !== 0).length;
        expect(back.v).toBe((moved * (moved + 1)) / 2 - there.v);
        expect(back.p).toBe(there.p);
        expect(back.estimate).toBe(0 - there.estimate);
        expect(back.ci95).toEqual({ low: 0 - there.ci95.high, high: 0 - there.ci95.low });
        expect(back.ci90).toEqual({ low: 0 - there.ci90.high, high: 0 - there.ci90.low });
      }),
    );
  });

  it('moves estimate and intervals with the differences, also over 0', () => {
    fc.assert(
      fc.property(quarters, fc.integer({ min: -100, max: 100 }), (differences, shift) => {
        const before = signedRank(differences);
        const after = signedRank(differences.map((difference) => difference + shift));
        expect(after.estimate).toBe(before.estimate + shift);
        expect(after.ci95).toEqual({ low: before.ci95.low + shift, high: before.ci95.high + shift });
        expect(after.ci90).toEqual({ low: before.ci90.low + shift, high: before.ci90.high + shift });
      }),
    );
  });

  it('asks only for signs and the order of sizes: v and p stay under any rising odd function', () => {
    fc.assert(
      fc.property(tied, fc.constantFrom(Math.cbrt, Math.sinh, Math.atan), (differences, rising) => {
        const before = signedRank(differences);
        const after = signedRank(differences.map(rising));
        expect([after.v, after.p]).toEqual([before.v, before.p]);
      }),
    );
  });

  it('has a V that counts the means above 0', () => {
    fc.assert(
      fc.property(apart(9), (differences) => {
        expect(signedRank(differences).v).toBe(meansOf(differences).filter((mean) => mean > 0).length);
      }),
    );
  });

  it('has in its interval exactly the shifts that it does not reject', () => {
    fc.assert(
      fc.property(fc.constantFrom(6, 8, 11).chain(apart), (differences) => {
        const { ci95, ci90 } = signedRank(differences);
        const candidates = meansOf(differences);
        const between = candidates.slice(1).flatMap((candidate, i) => {
          const before = candidates[i]!;
          return candidate > before ? [(candidate + before) / 2] : [];
        });
        for (const shift of [candidates[0]! - 1, ...between, candidates.at(-1)! + 1]) {
          const { p } = signedRank(differences.map((difference) => difference - shift));
          expect(shift > ci95.low && shift < ci95.high).toBe(p > 0.05);
          expect(shift > ci90.low && shift < ci90.high).toBe(p > 0.1);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('covers 0 often enough over every choice of signs, with ties and zeros', () => {
    fc.assert(
      fc.property(tied, (differences) => {
        const all = signings(differences).map(signedRank);
        const covered = all.filter(({ ci95 }) => ci95.low <= 0 && ci95.high >= 0).length;
        expect(covered / all.length).toBeGreaterThanOrEqual(1 - Math.max(0.05, all[0]!.leastP) - 1e-12);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the fewest differences', () => {
  it('are one, which proves nothing', () => {
    const whole = { low: -2, high: -2 };
    expect(signedRank([-2])).toEqual({ estimate: -2, p: 1, ci95: whole, ci90: whole, n: 1, leastP: 1, v: 0 });
  });

  it('that say anything are two, with an interval over both', () => {
    const whole = { low: 1, high: 5 };
    expect(signedRank([5, 1])).toEqual({ estimate: 3, p: 0.5, ci95: whole, ci90: whole, n: 2, leastP: 0.5, v: 3 });
  });

  it('are an error when there are none', () => {
    expect(() => signedRank([])).toThrow(
      new RangeError('a rank test needs at least one value, and the list of differences has none'),
    );
  });

  it('that reach 5 % are six of the same sign', () => {
    expect(signedRank([1, 2, 3, 4, 5]).p).toBe(0.0625);
    expect(signedRank([1, 2, 3, 4, 5, 6]).p).toBe(0.03125);
  });
});

describe('differences of 0', () => {
  it.each([1, 2, 12, 1000])('alone have p = 1 and a shift of nothing: %i of them', (n) => {
    const none = { low: 0, high: 0 };
    const { leastP, ...rest } = signedRank(times(n, 0));
    expect(rest).toEqual({ estimate: 0, p: 1, ci95: none, ci90: none, n, v: 0 });
    expect(leastP / 2 ** (1 - n)).toBeCloseTo(1, 9);
  });

  it('change p only by being left out, and pull the estimate towards 0', () => {
    const moved = [1, 2, 3, 4, 5, 6];
    const pulled = signedRank([...moved, 0, 0, 0, -0]);
    expect(pulled).toMatchObject({ p: signedRank(moved).p, v: 21, n: 10 });
    expect(pulled.estimate).toBeLessThan(signedRank(moved).estimate);
  });
});

describe('differences of equal size', () => {
  it('share their ranks', () => {
    // The ranks are 1.5, 1.5 and 3: three of the eight choices of signs give at least 4.5.
    expect(signedRank([1, -1, 2])).toMatchObject({ v: 4.5, p: 0.75 });
  });

  it('and the same sign are as telling as others', () => {
    expect(signedRank(times(12, 0.1))).toMatchObject({ p: 2 ** -11, ci95: { low: 0.1, high: 0.1 } });
  });
});

describe('many differences', () => {
  const rising = Array.from({ length: 1000 }, (_, i) => i + 1);

  it('are counted as exactly as few: 1000 of one sign', () => {
    expect(signedRank(rising).p / 2 ** -999).toBeCloseTo(1, 9);
  });

  it('of alternating signs show nothing', () => {
    const { p, v } = signedRank(rising.map((value) => (value % 2 === 0 ? value : -value)));
    expect(v).toBe(250_500);
    expect(p).toBeGreaterThan(0.97);
  });

  it('are at most 1000', () => {
    expect(() => signedRank([...rising, 1001])).toThrow('at most 1000 values, and the list of differences has 1001');
  });
});
