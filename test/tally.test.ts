/** What was counted: adding does not depend on order or grouping, and nothing is lost on the way as JSON. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketCount, type Histogram } from '../dist/core/measure/histogram.js';
import type { Reason } from '../dist/core/measure/reason.js';
import { Tally } from '../dist/core/measure/tally.js';

const counters = [
  'scheduled',
  'sent',
  'dropped',
  'owed',
  'delivered',
  'missing',
  'expected',
  'duplicated',
  'reordered',
  'corrupted',
  'connected',
  'connectFailed',
  'bytesIn',
  'bytesOut',
  'measuredScheduled',
  'measuredSent',
  'measuredDelivered',
  'sentInWindow',
  'deliveredInWindow',
] as const;

const times = fc.nat(1_000_000);
/** Within the range of the histogram, and above it. */
const latencies = fc.array(fc.nat(120_000_000), { maxLength: 5 });
const className = fc.oneof(fc.constantFrom('parse', 'closed:1006', 'other', '__proto__', 'constructor'), fc.string());

interface Recipe {
  readonly counts: readonly number[];
  readonly errors: readonly (readonly [string, number])[];
  readonly response: readonly number[];
  readonly service: readonly number[];
  readonly sendLag: readonly number[];
  readonly stages: readonly (readonly [string, number])[];
}

const recipes: fc.Arbitrary<Recipe> = fc.record({
  counts: fc.array(times, { minLength: counters.length, maxLength: counters.length }),
  errors: fc.array(fc.tuple(className, times), { maxLength: 6 }),
  response: latencies,
  service: latencies,
  sendLag: fc.array(fc.nat(1_000_000), { maxLength: 5 }),
  stages: fc.array(fc.tuple(fc.constantFrom('tcp', 'upgrade', 'total'), fc.nat(1_000_000)), { maxLength: 6 }),
});

function tallyOf(recipe: Recipe): Tally {
  const tally = new Tally();
  for (const [i, counter] of counters.entries()) tally[counter] = recipe.counts[i]!;
  for (const [errorClass, n] of recipe.errors) tally.countError(errorClass, n);
  for (const us of recipe.response) tally.response.record(us);
  for (const us of recipe.service) tally.service.record(us);
  for (const us of recipe.sendLag) {
    tally.sendLag.record(us);
    if (us > 1_000) tally.heldLag.record(us);
  }
  for (const [stage, us] of recipe.stages) tally.recordStage(stage, us);
  return tally;
}

function added(...tallies: readonly Tally[]): Tally {
  const sum = new Tally();
  for (const tally of tallies) sum.add(tally);
  return sum;
}

function histogramContents(histogram: Histogram): unknown {
  const counts: Record<number, number> = {};
  for (let i = 0; i < bucketCount; i++) if (histogram.countAt(i) > 0) counts[i] = histogram.countAt(i);
  return { count: histogram.count, counts };
}

/** Everything in a tally that is exact, in an order that does not depend on how it came there. */
function contents(tally: Tally): unknown {
  return {
    counters: counters.map((counter) => tally[counter]),
    errors: [...tally.errors].toSorted(),
    latencies: [tally.response, tally.service, tally.sendLag, tally.heldLag].map(histogramContents),
    clamped: [tally.response.clamped, tally.service.clamped],
    stages: [...tally.connect].map(([stage, it]) => [stage, histogramContents(it)]).toSorted(),
  };
}

/** A tally is large: to shrink a counterexample would take minutes, and it is small enough to be read. */
const few = { numRuns: 20, endOnFailure: true };

describe('adding tallies', () => {
  it('is commutative', () => {
    fc.assert(
      fc.property(recipes, recipes, (a, b) => {
        const [one, other] = [tallyOf(a), tallyOf(b)];
        expect(contents(added(one, other))).toEqual(contents(added(other, one)));
      }),
      few,
    );
  });

  it('is associative', () => {
    fc.assert(
      fc.property(recipes, recipes, recipes, (a, b, c) => {
        const [x, y, z] = [tallyOf(a), tallyOf(b), tallyOf(c)];
        expect(contents(added(added(x, y), z))).toEqual(contents(added(x, added(y, z))));
      }),
      few,
    );
  });

  it('adds every counter, error class, latency and connect stage', () => {
    fc.assert(
      fc.property(recipes, recipes, (a, b) => {
        const joined: Recipe = {
          counts: a.counts.map((count, i) => count + b.counts[i]!),
          errors: [...a.errors, ...b.errors],
          response: [...a.response, ...b.response],
          service: [...a.service, ...b.service],
          sendLag: [...a.sendLag, ...b.sendLag],
          stages: [...a.stages, ...b.stages],
        };
        expect(contents(added(tallyOf(a), tallyOf(b)))).toEqual(contents(tallyOf(joined)));
      }),
      few,
    );
  });

  it('leaves the tally that was added alone, now and when the sum grows', () => {
    const part = tallyOf({
      counts: [],
      errors: [['a', 1]],
      response: [5],
      service: [],
      sendLag: [],
      stages: [['tcp', 3]],
    });
    const before = contents(part);
    const sum = added(part);
    sum.recordStage('tcp', 4);
    sum.countError('a');
    sum.response.record(6);
    expect(contents(part)).toEqual(before);
  });
});

describe('error classes beyond the 64 that are kept', () => {
  const manyErrors = fc.array(
    fc.tuple(
      fc.nat(200).map((n) => `closed:${n}`),
      fc.integer({ min: 1, max: 9 }),
    ),
    {
      maxLength: 300,
      size: 'max',
    },
  );

  function withErrors(errors: readonly (readonly [string, number])[]): Tally {
    const tally = new Tally();
    for (const [errorClass, n] of errors) tally.countError(errorClass, n);
    return tally;
  }

  it('are counted together, so that there are at most 65 and none is lost', () => {
    fc.assert(
      fc.property(manyErrors, (errors) => {
        const tally = withErrors(errors);
        expect(tally.errors.size).toBeLessThanOrEqual(65);
        const total = [...tally.errors.values()].reduce((sum, n) => sum + n, 0);
        expect(total).toBe(errors.reduce((sum, [, n]) => sum + n, 0));
        if (new Set(errors.map(([name]) => name)).size <= 64) expect(tally.errors.has('other')).toBe(false);
      }),
    );
  });

  it('are the same ones in whatever order and grouping tallies are added', () => {
    fc.assert(
      fc.property(manyErrors, manyErrors, manyErrors, (a, b, c) => {
        const [x, y, z] = [withErrors(a), withErrors(b), withErrors(c)];
        const sum = contents(added(added(x, y), z));
        expect(contents(added(z, added(y, x)))).toEqual(sum);
        expect(contents(withErrors([...c, ...a, ...b]))).toEqual(sum);
      }),
      few,
    );
  });
});

describe('an encoded tally', () => {
  it('decodes to the same, by way of JSON', () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const tally = tallyOf(recipe);
        const decoded = Tally.decode(JSON.parse(JSON.stringify(tally.encode())));
        expect(contents(decoded)).toEqual(contents(tally));
      }),
      few,
    );
  });

  it('decodes to the same, by way of a message between threads', () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const tally = tallyOf(recipe);
        expect(contents(Tally.decode(structuredClone(tally.encode())))).toEqual(contents(tally));
      }),
      few,
    );
  });

  it('may be decoded before or after adding', () => {
    fc.assert(
      fc.property(recipes, recipes, (a, b) => {
        const [one, other] = [tallyOf(a), tallyOf(b)];
        const sumOfDecoded = added(Tally.decode(one.encode()), Tally.decode(other.encode()));
        expect(contents(sumOfDecoded)).toEqual(contents(Tally.decode(added(one, other).encode())));
      }),
      few,
    );
  });
});

describe('the books of a tally', () => {
  const closed = {
    scheduled: 12,
    sent: 10,
    dropped: 2,
    owed: 30,
    delivered: 25,
    missing: 1,
    expected: 26,
    measuredDelivered: 1,
  };

  function booksWith(change: Partial<typeof closed>): Tally {
    const tally = Object.assign(new Tally(), closed, change);
    tally.service.record(100);
    return tally;
  }

  it('close when everything is accounted for', () => {
    expect(booksWith({}).discrepancies()).toEqual([]);
  });

  it('close when everything owed has been seen, to the last number', () => {
    expect(booksWith({ owed: 26 }).discrepancies()).toEqual([]);
  });

  it('count as lost what was skipped and what never came after it', () => {
    expect(booksWith({}).lost).toBe(30 - 25);
  });

  it.each<[string, Partial<typeof closed>, Reason]>([
    [
      'a message neither sent nor dropped',
      { scheduled: 13 },
      { code: 'sends-unaccounted', scheduled: 13, sent: 10, dropped: 2 },
    ],
    [
      'a delivery too many',
      { delivered: 26 },
      { code: 'deliveries-unaccounted', delivered: 26, missing: 1, expected: 26 },
    ],
    ['a delivery too few', { missing: 0 }, { code: 'deliveries-unaccounted', delivered: 25, missing: 0, expected: 26 }],
    ['numbers nobody sent', { owed: 24 }, { code: 'deliveries-never-sent', deliveries: 2 }],
    ['a latency not recorded', { measuredDelivered: 2 }, { code: 'latencies-unaccounted', delivered: 2, latencies: 1 }],
  ])('do not close with %s', (_, change, discrepancy) => {
    expect(booksWith(change).discrepancies()).toEqual([discrepancy]);
  });

  it('name everything that does not add up', () => {
    expect(booksWith({ scheduled: 1, delivered: 1, owed: 1, measuredDelivered: 0 }).discrepancies()).toHaveLength(4);
  });
});
