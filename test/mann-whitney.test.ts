/** The comparison of two independent samples: R's answers, plain enumeration, and what must hold for all samples. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../dist/core/random.js';
import { rankSums } from '../dist/core/statistics/rank-distributions.js';
import { mannWhitney } from '../dist/core/statistics/rank-tests.js';
import { enumeratedP, furthest, isMarked, masks, vectors } from './rank-vectors.js';

/** So few values to draw from that most samples have ties. */
const tied = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 });
/** Quarters, so that sums and differences are exact. */
const quarters = fc.array(
  fc.integer({ min: -400, max: 400 }).map((value) => value / 4),
  { minLength: 1, maxLength: 12 },
);
const apart = (sizes: readonly [number, number]) =>
  fc
    .uniqueArray(fc.integer({ min: 0, max: 1e6 }), { minLength: sizes[0] + sizes[1], maxLength: sizes[0] + sizes[1] })
    .map((values) => ({ base: values.slice(0, sizes[0]), head: values.slice(sizes[0]) }));
const times = (count: number, value: number): number[] => new Array<number>(count).fill(value);

/** Twice the U of head, pair by pair. */
const doubledU = (base: readonly number[], head: readonly number[]): number =>
  head.flatMap((one) => base.map((other) => Math.sign(one - other) + 1)).reduce((sum, pair) => sum + pair, 0);

/** All divisions of the values into a base and a head of the same sizes, `taken` in the head. */
const divisions = (values: readonly number[], taken: number) =>
  masks(values.length, taken).map((mask) => ({
    base: values.filter((_, i) => !isMarked(mask, i)),
    head: values.filter((_, i) => isMarked(mask, i)),
  }));

describe('the Mann-Whitney test', () => {
  it.each(vectors.mannWhitney)(
    'agrees with R to 1e-9 on $base.length and $head.length values with U = $u',
    (vector) => {
      const ours = mannWhitney(vector.base.map(Math.log), vector.head.map(Math.log));
      expect(
        furthest([
          [ours.u, vector.u],
          [ours.p, vector.p],
          [ours.p / vector.p, 1],
          [ours.estimate, vector.hodgesLehmannLog],
          [ours.ci95.low, vector.ci95Log[0]],
          [ours.ci95.high, vector.ci95Log[1]],
          [ours.ci90.low, vector.ci90Log[0]],
          [ours.ci90.high, vector.ci90Log[1]],
        ]),
      ).toBeLessThan(1e-9);
    },
  );

  it('has the p of counting every division of the values, with ties and without', () => {
    fc.assert(
      fc.property(tied, tied, (base, head) => {
        const outcomes = divisions([...base, ...head], head.length).map((one) => doubledU(one.base, one.head));
        const ours = mannWhitney(base, head);
        expect(ours.u).toBe(doubledU(base, head) / 2);
        expect(ours.p).toBeCloseTo(enumeratedP(outcomes, 2 * ours.u), 12);
      }),
    );
  });

  it('says the same of exchanged sides, the other way round', () => {
    fc.assert(
      fc.property(quarters, quarters, (base, head) => {
        const there = mannWhitney(base, head);
        const back = mannWhitney(head, base);
        expect(back.u).toBe(base.length * head.length - there.u);
        expect(back.p).toBeCloseTo(there.p, 12);
        // 0 - x, because -0 is another value to `toEqual`.
        expect(back.estimate).toBe(0 - there.estimate);
        expect(back.ci95).toEqual({ low: 0 - there.ci95.high, high: 0 - there.ci95.low });
        expect(back.ci90).toEqual({ low: 0 - there.ci90.high, high: 0 - there.ci90.low });
      }),
    );
  });

  it('moves estimate and intervals with the head', () => {
    fc.assert(
      fc.property(quarters, quarters, fc.integer({ min: -100, max: 100 }), (base, head, shift) => {
        const before = mannWhitney(base, head);
        const after = mannWhitney(
          base,
          head.map((value) => value + shift),
        );
        expect(after.estimate).toBe(before.estimate + shift);
        expect(after.ci95).toEqual({ low: before.ci95.low + shift, high: before.ci95.high + shift });
        expect(after.ci90).toEqual({ low: before.ci90.low + shift, high: before.ci90.high + shift });
      }),
    );
  });

  it('asks only for the order of the values: u and p stay under any rising function', () => {
    fc.assert(
      fc.property(tied, tied, fc.constantFrom(Math.exp, Math.cbrt, Math.atan), (base, head, rising) => {
        const before = mannWhitney(base, head);
        const after = mannWhitney(base.map(rising), head.map(rising));
        expect([after.u, after.p]).toEqual([before.u, before.p]);
      }),
    );
  });

  it('does not mind the order in which the values come', () => {
    fc.assert(
      fc.property(quarters, quarters, (base, head) => {
        expect(
          mannWhitney(
            base.toReversed(),
            head.toSorted((a, b) => a - b),
          ),
        ).toEqual(mannWhitney(base, head));
      }),
    );
  });

  it('has in its interval exactly the shifts that it does not reject', () => {
    const sizes = fc.constantFrom([4, 4], [4, 7], [6, 5], [7, 7] as const).chain((pair) => apart([pair[0]!, pair[1]!]));
    fc.assert(
      fc.property(sizes, ({ base, head }) => {
        const { ci95, ci90 } = mannWhitney(base, head);
        const candidates = head.flatMap((one) => base.map((other) => one - other)).sort((a, b) => a - b);
        const between = candidates.slice(1).flatMap((candidate, i) => {
          const before = candidates[i]!;
          return candidate - before > 0.5 ? [(candidate + before) / 2] : [];
        });
        for (const shift of [candidates[0]! - 1.5, ...between, candidates.at(-1)! + 1.5]) {
          const { p } = mannWhitney(
            base,
            head.map((value) => value - shift),
          );
          expect(shift > ci95.low && shift < ci95.high).toBe(p > 0.05);
          expect(shift > ci90.low && shift < ci90.high).toBe(p > 0.1);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('has a level reached exactly on the wider side, as R has', () => {
    // Of the 220 orders of 3 and 9 values 11, exactly 5 %, have a U of at most 4: the fourth difference from either end.
    const base = [0, 100, 200, 300, 400, 500, 600, 700, 800];
    const head = [1, 10, 50];
    const shifts = head.flatMap((one) => base.map((other) => one - other)).sort((a, b) => a - b);
    expect(mannWhitney(base, head).ci90).toEqual({ low: shifts.at(3), high: shifts.at(-4) });
  });

  it('covers no shift often enough in every division of values with ties', () => {
    fc.assert(
      fc.property(tied, tied, (base, head) => {
        const all = divisions([...base, ...head], head.length).map((one) => mannWhitney(one.base, one.head));
        const covered = all.filter(({ ci95 }) => ci95.low <= 0 && ci95.high >= 0).length;
        expect(covered / all.length).toBeGreaterThanOrEqual(1 - Math.max(0.05, all[0]!.leastP) - 1e-12);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the smallest samples', () => {
  it('of one value each show a difference and prove nothing', () => {
    const whole = { low: 2, high: 2 };
    expect(mannWhitney([1], [3])).toEqual({ estimate: 2, p: 1, ci95: whole, ci90: whole, n: 1, leastP: 1, u: 1 });
  });

  it('of two values each have an interval over all differences', () => {
    const whole = { low: 3, high: 13 };
    const expected = { estimate: 8, p: 1 / 3, ci95: whole, ci90: whole, n: 2, leastP: 1 / 3, u: 4 };
    expect(mannWhitney([1, 4], [7, 14])).toEqual(expected);
  });

  it('of different sizes count as the smaller', () => {
    expect(mannWhitney([1, 2, 3], [4])).toMatchObject({ n: 1, p: 0.5, leastP: 0.5, u: 3 });
  });

  it.each(['base', 'head'] as const)('are an error when %s has no value', (side) => {
    const samples = { base: [1], head: [1], [side]: [] };
    expect(() => mannWhitney(samples.base, samples.head)).toThrow(
      new RangeError(`a rank test needs at least one value, and ${side} has none`),
    );
  });
});

describe('values without a difference', () => {
  it.each([1, 2, 20, 101])('have p = 1 and a shift of nothing: %i of them a side', (n) => {
    const none = { low: 0, high: 0 };
    expect(mannWhitney(times(n, 7), times(n, 7))).toMatchObject({
      estimate: 0,
      p: 1,
      ci95: none,
      ci90: none,
      u: (n * n) / 2,
    });
  });

  it('are not confused with values that no test can order', () => {
    for (const stranger of [Number.NaN, Number.NEGATIVE_INFINITY])
      expect(() => mannWhitney([1, 2], [3, stranger])).toThrow(
        new RangeError(`a rank test needs finite values, and head has ${stranger}`),
      );
  });
});

describe('large samples', () => {
  /** Coefficients of the Gaussian binomial in whole numbers of any size, up to the middle. */
  const wholeRankSums = (fewer: number, more: number): bigint[] => {
    const ways = new Array<bigint>(((fewer * more) >> 1) + 1).fill(0n);
    ways[0] = 1n;
    for (let i = 1; i <= fewer; i++) {
      for (let u = ways.length - 1; u >= more + i; u--) ways[u]! -= ways[u - more - i]!;
      for (let u = i; u < ways.length; u++) ways[u]! += ways[u - i]!;
    }
    return ways;
  };
  const binomial = (n: bigint, k: bigint): bigint => (k === 0n ? 1n : (binomial(n - 1n, k - 1n) * n) / k);
  const total = (ways: Float64Array): number => ways.reduce((sum, count) => sum + count, 0);

  it.each([
    [6, 9],
    [30, 40],
    [100, 101],
    [101, 101],
    [104, 150],
  ])('of %i and %i values have the shares of whole numbers, summed from the lowest', (fewer, more) => {
    const ways = rankSums(fewer, more);
    const ours = total(ways);
    const all = binomial(BigInt(fewer + more), BigInt(fewer));
    let sum = 0;
    let wholeSum = 0n;
    let worst = 0;
    for (const [u, count] of wholeRankSums(fewer, more).entries()) {
      sum += ways[u]!;
      wholeSum += count;
      worst = Math.max(worst, Math.abs(sum / ours - Number((wholeSum * 10n ** 20n) / all) / 1e20));
    }
    expect(worst).toBeLessThan(1e-12);
  });

  it('of 1000 values a side have the spread that U must have', () => {
    const ways = rankSums(1000, 1000);
    const variance = ways.reduce((sum, count, u) => sum + count * (u - 500_000) ** 2, 0) / total(ways);
    expect(variance / ((1000 * 1000 * 2001) / 12)).toBeCloseTo(1, 9);
    expect(ways.every((count, u) => count === ways[1_000_000 - u])).toBe(true);
  });

  it('of 1000 values a side are compared like small ones', () => {
    const base = Array.from({ length: 1000 }, (_, i) => i);
    const interleaved = mannWhitney(
      base,
      base.map((value) => value + 0.5),
    );
    expect(interleaved.u).toBe(500_500);
    expect(interleaved.p).toBeGreaterThan(0.95);
    expect(interleaved.estimate).toBe(0.5);
    expect(
      mannWhitney(
        base,
        base.map((value) => value + 1000),
      ).p,
    ).toBeLessThan(1e-12);
    expect(() => mannWhitney(base, [...base, 1000])).toThrow('at most 1000 values, and head has 1001');
  });

  it('with ties have a p that no way of breaking the ties exceeds', () => {
    const random = seededRandom(1);
    const draw = (count: number, shift: number) =>
      Array.from({ length: count }, () => Math.floor(random.next() * 40 + shift));
    const jitter = (value: number) => value + random.next() / 2;
    for (const shift of [0, 2, 4, 8]) {
      const base = draw(102, 0);
      const head = draw(101, shift);
      const { p, u } = mannWhitney(base, head);
      expect(2 * u).toBe(doubledU(base, head));
      const broken = Array.from({ length: 10 }, () => mannWhitney(base.map(jitter), head.map(jitter)).p);
      expect(p).toBeGreaterThanOrEqual(Math.max(...broken));
      expect(p).toBeLessThan(shift === 8 ? 0.01 : 1.1);
    }
  });
});
