/** Randomness that can be repeated: its distributions by fixed seeds, so that each test has one outcome for ever. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveSeed, exponential, seededRandom, shuffled } from '../dist/core/random.js';
import { kolmogorovSmirnov, lagCorrelation } from './distribution.js';

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

function draw(seed: number, n: number, from: (random: ReturnType<typeof seededRandom>) => number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: n }, () => from(random));
}

const uniform = (u: number): number => Math.min(1, Math.max(0, u));

describe('a seeded generator', () => {
  it('repeats itself from the same seed', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(draw(seed, 20, (it) => it.next())).toEqual(draw(seed, 20, (it) => it.next()));
      }),
    );
  });

  it('stays within 0 and 1, the latter excluded', () => {
    fc.assert(
      fc.property(seeds, (seed) => draw(seed, 100, (it) => it.next()).every((value) => value >= 0 && value < 1)),
    );
  });

  it.each([0, 1, 42, 0xffffffff])('is uniform and without memory from seed %d', (seed) => {
    const values = draw(seed, 20_000, (it) => it.next());
    expect(kolmogorovSmirnov(values, uniform)).toBeLessThan(1.95);
    for (const lag of [1, 2, 3, 7]) expect(Math.abs(lagCorrelation(values, lag))).toBeLessThan(4 / Math.sqrt(20_000));
  });

  it('is uniform and without memory across neighbouring seeds too', () => {
    const firsts = Array.from({ length: 5000 }, (_, seed) => seededRandom(seed).next());
    expect(kolmogorovSmirnov(firsts, uniform)).toBeLessThan(1.95);
    expect(Math.abs(lagCorrelation(firsts, 1))).toBeLessThan(4 / Math.sqrt(5000));
  });
});

describe('a derived seed', () => {
  it('is a whole number of 32 bits', () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.nat()), (seed, parts) => {
        const derived = deriveSeed(seed, ...parts);
        expect(derived >>> 0).toBe(derived);
      }),
    );
  });

  it('differs between any two parts of one seed', () => {
    fc.assert(
      fc.property(seeds, fc.uniqueArray(fc.nat(), { minLength: 2 }), (seed, parts) => {
        expect(new Set(parts.map((part) => deriveSeed(seed, part))).size).toBe(parts.length);
      }),
    );
  });

  it('differs between two seeds for the same part', () => {
    fc.assert(
      fc.property(fc.uniqueArray(seeds, { minLength: 2 }), fc.nat(), (several, part) => {
        expect(new Set(several.map((seed) => deriveSeed(seed, part))).size).toBe(several.length);
      }),
    );
  });

  it('of one run is none of a neighbouring run', () => {
    const derived = [0, 1, 2, 3].flatMap((seed) => Array.from({ length: 500 }, (_, part) => deriveSeed(seed, part)));
    expect(new Set(derived).size).toBe(2000);
  });

  it('depends on the order of the parts', () => {
    expect(deriveSeed(7, 1, 2)).not.toBe(deriveSeed(7, 2, 1));
  });
});

describe('exponential gaps', () => {
  it.each([0, 1, 42])('have the exponential distribution of mean 1 from seed %d', (seed) => {
    const gaps = draw(seed, 20_000, exponential);
    expect(kolmogorovSmirnov(gaps, (gap) => 1 - Math.exp(-gap))).toBeLessThan(1.95);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
  });

  it.each([
    { u: 0, gap: 0 },
    { u: 0.5, gap: Math.LN2 },
    { u: 1 - 2 ** -32, gap: 32 * Math.LN2 },
  ])('are finite at both ends of the generator: $u gives $gap', ({ u, gap }) => {
    expect(exponential({ next: () => u })).toBeCloseTo(gap, 12);
  });
});

describe('a shuffle', () => {
  it('is a permutation and leaves the original alone', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), seeds, (items, seed) => {
        const original = [...items];
        const result = shuffled(items, seededRandom(seed));
        expect(items).toEqual(original);
        expect(result.toSorted((a, b) => a - b)).toEqual(original.toSorted((a, b) => a - b));
      }),
    );
  });

  it('gives each of the 24 orders of four things equally often', () => {
    const random = seededRandom(3);
    const times = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = shuffled(['a', 'b', 'c', 'd'], random).join('');
      times.set(order, (times.get(order) ?? 0) + 1);
    }
    expect(times.size).toBe(24);
    const chiSquared = [...times.values()].reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    // 23 degrees of freedom: 49.7 is exceeded by chance once in a thousand.
    expect(chiSquared).toBeLessThan(49.7);
  });
});
