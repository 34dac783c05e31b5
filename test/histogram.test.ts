/** The latency histogram against the sorted list that it stands for, and against HdrHistogram's own port. */

import fc from 'fast-check';
import { build } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { bucketCount, Histogram, highestOf, highestUs } from '../dist/core/measure/histogram.js';

/** Spread over all magnitudes: a uniform draw would leave nine tenths of them above 6 s. */
const latencyUs = fc.double({ min: 0, max: Math.log(highestUs), noNaN: true }).map((log) => Math.floor(Math.exp(log)));
const latencies = fc.array(latencyUs, { minLength: 1, maxLength: 400 });

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

/** Everything that can be asked of a histogram. */
function contents(histogram: Histogram): unknown {
  const { count, min, max, mean, clamped } = histogram;
  const counts = Array.from({ length: bucketCount }, (_, i) => histogram.countAt(i));
  return { count, min, max, mean, clamped, counts };
}

describe('a quantile', () => {
  it('is the exact one of the sorted values, or up to 0.1 % above it', () => {
    fc.assert(
      fc.property(latencies, fc.integer({ min: 0, max: 1000 }), (values, permille) => {
        const sorted = values.toSorted((a, b) => a - b);
        const rank = Math.max(1, Math.ceil((permille * sorted.length) / 1000));
        const exact = sorted[rank - 1]!;
        const found = histogramOf(values).quantile(permille / 1000);
        expect(found).toBeGreaterThanOrEqual(exact);
        expect(found).toBeLessThanOrEqual(exact * 1.001);
      }),
    );
  });

  it('is infinite where it falls among the censored values, and only there', () => {
    fc.assert(
      fc.property(
        latencies,
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 0, max: 1000 }),
        (values, censored, permille) => {
          const sorted = values.toSorted((a, b) => a - b);
          const rank = Math.max(1, Math.ceil((permille * (values.length + censored)) / 1000));
          const found = histogramOf(values).quantile(permille / 1000, censored);
          if (rank > values.length) expect(found).toBe(Number.POSITIVE_INFINITY);
          else {
            expect(found).toBeGreaterThanOrEqual(sorted[rank - 1]!);
            expect(found).toBeLessThanOrEqual(sorted[rank - 1]! * 1.001);
          }
        },
      ),
    );
  });

  it.each([
    { recorded: 99, censored: 1, q: 0.99, infinite: false },
    { recorded: 98, censored: 2, q: 0.99, infinite: true },
    { recorded: 1, censored: 0, q: 1, infinite: false },
    { recorded: 0, censored: 1, q: 0, infinite: true },
  ])('at $q of $recorded recorded and $censored censored values: infinite is $infinite', (row) => {
    const histogram = histogramOf(Array.from({ length: row.recorded }, () => 5));
    expect(histogram.quantile(row.q, row.censored)).toBe(row.infinite ? Number.POSITIVE_INFINITY : 5);
  });

  it('of 1 to 100 is p at p %, without a slip of binary fractions such as 0.07 * 100', () => {
    const percents = Array.from({ length: 100 }, (_, i) => i + 1);
    const histogram = histogramOf(percents);
    expect(percents.map((percent) => histogram.quantile(percent / 100))).toEqual(percents);
  });

  it('is never above the highest value recorded', () => {
    fc.assert(fc.property(latencies, (values) => histogramOf(values).quantile(1) === Math.max(...values)));
  });

  it('of nothing is 0, as are minimum, maximum and mean', () => {
    const empty = new Histogram();
    expect([empty.quantile(0.5), empty.min, empty.max, empty.mean, empty.count]).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('the values recorded', () => {
  it('have their exact minimum, maximum and mean', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const histogram = histogramOf(values);
        expect(histogram.min).toBe(Math.min(...values));
        expect(histogram.max).toBe(Math.max(...values));
        expect(histogram.mean).toBeCloseTo(values.reduce((a, b) => a + b) / values.length, 6);
        expect(histogram.count).toBe(values.length);
      }),
    );
  });

  it('lie each in a bucket no wider than 0.1 % of them, and every bucket is higher than the one before', () => {
    const wrong: number[] = [];
    for (let index = 1; index < bucketCount; index++) {
      const lowest = highestOf(index - 1) + 1;
      const highest = highestOf(index);
      if (highest < lowest || highest - lowest >= lowest / 1000) wrong.push(index);
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    { us: 60_000_000, recordedAs: 60_000_000, clamped: 0 },
    { us: 60_000_000.9, recordedAs: 60_000_000, clamped: 0 },
    { us: 60_000_001, recordedAs: 60_000_000, clamped: 1 },
    { us: 2 ** 31, recordedAs: 60_000_000, clamped: 1 },
    { us: 1e15, recordedAs: 60_000_000, clamped: 1 },
    { us: Number.POSITIVE_INFINITY, recordedAs: 60_000_000, clamped: 1 },
    { us: 1.9, recordedAs: 1, clamped: 0 },
    { us: 0.5, recordedAs: 1, clamped: 0 },
    { us: 0, recordedAs: 1, clamped: 0 },
    { us: -1, recordedAs: 1, clamped: 0 },
    { us: -3e9, recordedAs: 1, clamped: 0 },
    { us: Number.NEGATIVE_INFINITY, recordedAs: 1, clamped: 0 },
    { us: Number.NaN, recordedAs: 1, clamped: 0 },
  ])('take $us us as $recordedAs us and count $clamped as clamped', ({ us, recordedAs, clamped }) => {
    const histogram = histogramOf([us]);
    expect(histogram.clamped).toBe(clamped);
    expect(histogram.quantile(0.5)).toBe(recordedAs);
    expect([histogram.count, histogram.min, histogram.max, histogram.mean]).toEqual([
      1,
      recordedAs,
      recordedAs,
      recordedAs,
    ]);
  });

  it('are in a bucket each, whatever was recorded', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: 1, maxLength: 50 }), (values) => {
        const histogram = histogramOf(values);
        let inBuckets = 0;
        for (let i = 0; i < bucketCount; i++) inBuckets += histogram.countAt(i);
        expect(inBuckets).toBe(values.length);
      }),
    );
  });

  it('fall into the buckets that HdrHistogram puts them in', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const theirs = build({ highestTrackableValue: highestUs, numberOfSignificantValueDigits: 3 });
        for (const value of values) theirs.recordValue(value);
        const ours = histogramOf(values);
        expect(ours.quantile(1)).toBe(Math.max(...values));
        for (const percent of [10, 50, 90, 99]) {
          // Theirs is the upper edge of the bucket even where nothing that high was recorded.
          expect(ours.quantile(percent / 100)).toBe(Math.min(theirs.getValueAtPercentile(percent), ours.max));
        }
      }),
    );
  });
});

describe('adding histograms', () => {
  it('is recording all values in one', () => {
    fc.assert(
      fc.property(fc.array(latencies, { maxLength: 4 }), (parts) => {
        const sum = new Histogram();
        for (const part of parts) sum.add(histogramOf(part));
        expect(contents(sum)).toEqual(contents(histogramOf(parts.flat())));
      }),
      { numRuns: 30 },
    );
  });

  it('adds up what was clamped', () => {
    const sum = histogramOf([1e9, 5]);
    sum.add(histogramOf([1e9, 1e9]));
    expect(sum.clamped).toBe(3);
  });

  it('leaves the one that was added as it was', () => {
    const added = histogramOf([7, 8]);
    const before = contents(added);
    histogramOf([1, 2, 3]).add(added);
    expect(contents(added)).toEqual(before);
  });
});

describe('since a copy was made', () => {
  it('a histogram tells what was recorded after it, and nothing before', () => {
    const values = fc.array(fc.integer({ min: 1, max: 60_000_000 }), { maxLength: 50 });
    fc.assert(
      fc.property(values, values, (before, after) => {
        const histogram = new Histogram();
        for (const us of before) histogram.record(us);
        const copy = new Histogram();
        copy.add(histogram);
        for (const us of after) histogram.record(us);
        const alone = new Histogram();
        for (const us of after) alone.record(us);
        const difference = histogram.since(copy);
        expect(difference.count).toBe(after.length);
        // Thousands of buckets: one assertion for all of them.
        const buckets = Array.from({ length: bucketCount }, (_, i) => i);
        expect(buckets.filter((i) => difference.countAt(i) !== alone.countAt(i))).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});
