/** When messages are due: constant schedules as tables, Poisson schedules by their distribution. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constantSchedule, lookBack, poissonSchedule, type SenderSlice } from '../dist/core/schedule.js';
import { kolmogorovSmirnov, lagCorrelation, mean, variance } from './distribution.js';

const alone: SenderSlice = { first: 0, stride: 1, count: 1, total: 1 };

/** The slices of `workers` workers, senders dealt in turn, those without a sender left out. */
function slices(total: number, workers: number): SenderSlice[] {
  return Array.from({ length: Math.min(workers, total) }, (_, first) => ({
    first,
    stride: workers,
    count: Math.ceil((total - first) / workers),
    total,
  }));
}

describe('a constant schedule', () => {
  it.each<[number, SenderSlice, number[]]>([
    [1000, alone, [0, 1000, 2000, 3000]],
    [0.5, alone, [0, 2_000_000, 4_000_000]],
    [3, alone, [0, 1e6 / 3, 2e6 / 3, 1e6]],
    [1000, { first: 0, stride: 1, count: 3, total: 3 }, [0, 1000, 2000, 3000]],
    [1000, { first: 0, stride: 2, count: 2, total: 3 }, [0, 2000, 3000, 5000, 6000]],
    [1000, { first: 1, stride: 2, count: 1, total: 3 }, [1000, 4000, 7000]],
  ])('of %d a second is due for %j at %j', (ratePerSecond, senders, dueUs) => {
    const schedule = constantSchedule(ratePerSecond, senders);
    expect(dueUs.map((_, n) => schedule.dueUs(n))).toEqual(dueUs);
  });

  it('of several workers is one even schedule, message g at g / rate, nothing lost', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 12 }),
        fc.double({ min: 0.1, max: 1e6, noNaN: true }),
        fc.integer({ min: 1, max: 5 }),
        (total, workers, ratePerSecond, rounds) => {
          const due = slices(total, workers).flatMap((slice) => {
            const schedule = constantSchedule(ratePerSecond, slice);
            return Array.from({ length: slice.count * rounds }, (_, n) => schedule.dueUs(n));
          });
          const even = Array.from({ length: total * rounds }, (_, g) => (g * 1e6) / ratePerSecond);
          expect(due.toSorted((a, b) => a - b)).toEqual(even);
        },
      ),
    );
  });

  it("gives each sender its own messages: the worker's i-th sender is sender first + i * stride of the trial", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(500),
        (total, workers, n) => {
          for (const slice of slices(total, workers)) {
            // One message a microsecond: the due time is the number of the message in the whole trial.
            const message = constantSchedule(1e6, slice).dueUs(n);
            expect(message % total).toBe(slice.first + (n % slice.count) * slice.stride);
          }
        },
      ),
    );
  });

  it('does not drift: after a day it is still where multiplication puts it', () => {
    const schedule = constantSchedule(7, alone);
    expect(schedule.dueUs(7 * 86_400)).toBe(86_400e6);
  });
});

describe('a Poisson schedule', () => {
  const n = 50_000;
  const quarter: SenderSlice = { first: 1, stride: 4, count: 25, total: 100 };

  /** Gaps between the first arrivals, the start being the zeroth. */
  function gapsUs(ratePerSecond: number, senders: SenderSlice, seed: number): number[] {
    const schedule = poissonSchedule(ratePerSecond, senders, seed);
    let beforeUs = 0;
    return Array.from({ length: n }, (_, i) => {
      const dueUs = schedule.dueUs(i);
      const gapUs = dueUs - beforeUs;
      beforeUs = dueUs;
      return gapUs;
    });
  }

  it.each([
    { ratePerSecond: 1000, senders: alone, seed: 1, meanUs: 1000 },
    { ratePerSecond: 1000, senders: quarter, seed: 2, meanUs: 4000 },
    { ratePerSecond: 100_000, senders: quarter, seed: 3, meanUs: 40 },
  ])(
    'of $ratePerSecond a second has exponential gaps of mean $meanUs us',
    ({ ratePerSecond, senders, seed, meanUs }) => {
      const gaps = gapsUs(ratePerSecond, senders, seed);
      expect(kolmogorovSmirnov(gaps, (us) => 1 - Math.exp(-us / meanUs))).toBeLessThan(1.95);
      // Of an exponential distribution, the mean varies by 1 / √n of itself and the variance by √(8 / n).
      expect(Math.abs(mean(gaps) / meanUs - 1)).toBeLessThan(3.5 / Math.sqrt(n));
      expect(Math.abs(variance(gaps) / meanUs ** 2 - 1)).toBeLessThan(3.5 * Math.sqrt(8 / n));
      expect(Math.abs(lagCorrelation(gaps, 1))).toBeLessThan(4 / Math.sqrt(n));
    },
  );

  it('counts as many arrivals in a second as it varies by: mean and variance are the rate', () => {
    const ratePerSecond = 50;
    const perSecond: number[] = [];
    let atUs = 0;
    for (const gapUs of gapsUs(ratePerSecond, alone, 4)) {
      atUs += gapUs;
      const second = Math.floor(atUs / 1e6);
      perSecond[second] = (perSecond[second] ?? 0) + 1;
    }
    const whole = Array.from(perSecond, (count) => count ?? 0).slice(0, -1);
    expect(whole.length).toBeGreaterThan(900);
    expect(Math.abs(mean(whole) / ratePerSecond - 1)).toBeLessThan(0.02);
    expect(Math.abs(variance(whole) / ratePerSecond - 1)).toBeLessThan(3.5 * Math.sqrt(2 / whole.length));
  });

  it('is the same from the same seed and another from another', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(), { minLength: 2, maxLength: 2 }), ([one, other]) => {
        const times = (seed: number): number[] => {
          const schedule = poissonSchedule(1000, alone, seed);
          return Array.from({ length: 20 }, (_, i) => schedule.dueUs(i));
        };
        expect(times(one!)).toEqual(times(one!));
        expect(times(one!)).not.toEqual(times(other!));
      }),
      { numRuns: 30 },
    );
  });

  it('never decreases', () => {
    expect(gapsUs(1e6, alone, 5).every((gapUs) => gapUs >= 0)).toBe(true);
  });

  it('remembers exactly the last numbers it promises to, however far it has gone', () => {
    const schedule = poissonSchedule(1000, alone, 6);
    const times = Array.from({ length: 3 * lookBack }, (_, i) => schedule.dueUs(i));
    const oldest = 2 * lookBack;
    for (let i = oldest; i < 3 * lookBack; i++) if (schedule.dueUs(i) !== times[i]) expect.fail(`${i} was forgotten`);
    expect(schedule.dueUs(oldest - 1)).not.toBe(times[oldest - 1]);
  });

  it('is the same when it is asked with leaps as one by one', () => {
    const [stepping, leaping] = [poissonSchedule(1000, alone, 7), poissonSchedule(1000, alone, 7)];
    for (let i = 0; i < 1000; i++) stepping.dueUs(i);
    expect(leaping.dueUs(999)).toBe(stepping.dueUs(999));
    expect(leaping.dueUs(500)).toBe(stepping.dueUs(500));
  });
});
