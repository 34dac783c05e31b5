/** The interval of a rate: known values, and the definition by sums of binomial probabilities. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clopperPearson } from '../dist/core/statistics/intervals.js';

/** Probabilities of 0 … trials successes, each event added to those before it. */
function binomial(trials: number, rate: number): number[] {
  let probabilities = [1];
  for (let i = 0; i < trials; i++)
    probabilities = Array.from(
      { length: i + 2 },
      (_, k) => (probabilities[k] ?? 0) * (1 - rate) + (probabilities[k - 1] ?? 0) * rate,
    );
  return probabilities;
}
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const counts = fc
  .integer({ min: 0, max: 60 })
  .chain((trials) => fc.record({ trials: fc.constant(trials), successes: fc.integer({ min: 0, max: trials }) }));
const confidences = fc.constantFrom(0.5, 0.8, 0.95, 0.99);

describe('the Clopper-Pearson interval', () => {
  it.each([
    [0, 10, 0.95, 0, 0.30849711],
    [10, 10, 0.95, 0.69150289, 1],
    [5, 10, 0.95, 0.18708603, 0.81291397],
    [1, 100, 0.95, 0.00025315, 0.05445939],
  ])('of %i of %i at %f is known', (successes, trials, confidence, low, high) => {
    const ours = clopperPearson(successes, trials, confidence);
    expect(ours.low).toBeCloseTo(low, 8);
    expect(ours.high).toBeCloseTo(high, 8);
  });

  it.each([1, 7, 1000, 10_000])('of none of %i has the end that a formula gives', (trials) => {
    const { low, high } = clopperPearson(0, trials, 0.95);
    expect(low).toBe(0);
    expect(high / -Math.expm1(Math.log(0.025) / trials)).toBeCloseTo(1, 9);
  });

  it('ends where as many successes, or as few, have the probability of a tail', () => {
    fc.assert(
      fc.property(counts, confidences, ({ successes, trials }, confidence) => {
        const { low, high } = clopperPearson(successes, trials, confidence);
        const tail = (1 - confidence) / 2;
        const asMany = sum(binomial(trials, low).slice(successes));
        const asFew = sum(binomial(trials, high).slice(0, successes + 1));
        if (successes === 0) expect(low).toBe(0);
        else expect(asMany).toBeCloseTo(tail, 10);
        if (successes === trials) expect(high).toBe(1);
        else expect(asFew).toBeCloseTo(tail, 10);
      }),
    );
  });

  it('covers every true rate at least as often as it promises', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 30 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        confidences,
        (trials, rate, confidence) => {
          const covered = binomial(trials, rate).filter((_, successes) => {
            const { low, high } = clopperPearson(successes, trials, confidence);
            return low <= rate && rate <= high;
          });
          expect(sum(covered)).toBeGreaterThanOrEqual(confidence - 1e-12);
        },
      ),
    );
  });

  it('of failures mirrors that of successes', () => {
    fc.assert(
      fc.property(counts, ({ successes, trials }) => {
        const { low, high } = clopperPearson(successes, trials, 0.95);
        const mirror = clopperPearson(trials - successes, trials, 0.95);
        expect(mirror.low).toBeCloseTo(1 - high, 14);
        expect(mirror.high).toBeCloseTo(1 - low, 14);
      }),
    );
  });

  it('without trials is everything', () => {
    expect(clopperPearson(0, 0, 0.95)).toEqual({ low: 0, high: 1 });
  });

  it.each([
    [-1, 10],
    [11, 10],
    [0.5, 10],
    [Number.NaN, 10],
    [0, Number.POSITIVE_INFINITY],
  ])('is an error for %f of %f', (successes, trials) => {
    expect(() => clopperPearson(successes, trials, 0.95)).toThrow(
      new RangeError(`${successes} of ${trials} are not a count of successes`),
    );
  });

  it.each([0, 1, 95, Number.NaN])('is an error for a confidence of %f', (confidence) => {
    expect(() => clopperPearson(1, 2, confidence)).toThrow(new RangeError(`${confidence} is not between 0 and 1`));
  });
});
