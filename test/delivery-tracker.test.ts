/** The delivery tracker against a model that remembers every number in a set. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Arrival, DeliveryTracker } from '../dist/core/measure/delivery-tracker.js';
import { maxSequence } from '../dist/core/payload/message.js';

/** What the tracker should say, without ranges or sums kept by hand. */
class Model {
  readonly #arrived = new Map<string, Set<number>>();

  enter(receiver: number, sender: number, sequence: number): Arrival {
    const pair = `${receiver} ${sender}`;
    const numbers = this.#arrived.get(pair) ?? new Set<number>();
    this.#arrived.set(pair, numbers);
    if (numbers.has(sequence)) return 'duplicate';
    const arrival = sequence > Math.max(-1, ...numbers) ? 'in-order' : 'reordered';
    numbers.add(sequence);
    return arrival;
  }

  counts(): { delivered: number; missing: number; expected: number } {
    const pairs = [...this.#arrived.values()];
    const delivered = pairs.reduce((sum, numbers) => sum + numbers.size, 0);
    const expected = pairs.reduce((sum, numbers) => sum + Math.max(...numbers) + 1, 0);
    return { delivered, missing: expected - delivered, expected };
  }
}

const receivers = 3;
const sendersEach = 2;

interface Entry {
  readonly receiver: number;
  readonly sender: number;
  readonly sequence: number;
}

const entryWith = (sequence: fc.Arbitrary<number>): fc.Arbitrary<Entry> =>
  fc.record({ receiver: fc.nat(receivers - 1), sender: fc.nat(sendersEach - 1), sequence });

/** Few numbers give many duplicates and filled gaps, many give wide gaps. */
const anyArrivals = fc.oneof(
  fc.array(entryWith(fc.nat(12)), { maxLength: 120 }),
  fc.array(entryWith(fc.nat(maxSequence)), { maxLength: 60 }),
);

/** A stream as a network may garble it: some numbers lost, some repeated, some swapped with a near one. */
const garbledStream = fc
  .record({
    length: fc.integer({ min: 1, max: 60 }),
    faults: fc.array(fc.record({ at: fc.nat(60), fault: fc.constantFrom('lose', 'repeat', 'swap') }), {
      maxLength: 20,
    }),
  })
  .map(({ length, faults }) => {
    const stream = Array.from({ length }, (_, i) => i);
    for (const { at, fault } of faults) {
      if (at + 3 >= stream.length) continue;
      if (fault === 'lose') stream.splice(at, 1);
      else if (fault === 'repeat') stream.splice(at + 2, 0, stream[at]!);
      else [stream[at], stream[at + 3]] = [stream[at + 3]!, stream[at]!];
    }
    return stream;
  });

function enterAll(arrivals: readonly Entry[]): DeliveryTracker {
  const tracker = new DeliveryTracker(receivers, sendersEach);
  for (const { receiver, sender, sequence } of arrivals) tracker.enter(receiver, sender, sequence);
  return tracker;
}

function expectToAgree(arrivals: readonly Entry[]): void {
  const tracker = new DeliveryTracker(receivers, sendersEach);
  const model = new Model();
  for (const { receiver, sender, sequence } of arrivals) {
    expect(tracker.enter(receiver, sender, sequence)).toBe(model.enter(receiver, sender, sequence));
    const { delivered, missing } = tracker;
    expect({ delivered, missing, expected: tracker.expectedSum() }).toEqual(model.counts());
  }
}

describe('the delivery tracker', () => {
  it('agrees with the model after each of any arrivals', () => {
    fc.assert(fc.property(anyArrivals, expectToAgree), { numRuns: 300 });
  });

  it('agrees with the model on streams with losses, repeats and swaps', () => {
    fc.assert(
      fc.property(garbledStream, (stream) =>
        expectToAgree(stream.map((sequence) => ({ receiver: 1, sender: 1, sequence }))),
      ),
      { numRuns: 300 },
    );
  });

  it('misses nothing once all numbers have come, in whatever order', () => {
    const shuffledNumbers = fc.nat(80).chain((n) => {
      const all = Array.from({ length: n }, (_, i) => i);
      return fc.shuffledSubarray(all, { minLength: n });
    });
    fc.assert(
      fc.property(shuffledNumbers, (numbers) => {
        const tracker = enterAll(numbers.map((sequence) => ({ receiver: 0, sender: 0, sequence })));
        expect([tracker.missing, tracker.delivered, tracker.expectedSum()]).toEqual([
          0,
          numbers.length,
          numbers.length,
        ]);
      }),
    );
  });

  it('accounts for everything: delivered + missing is the sum expected', () => {
    fc.assert(
      fc.property(anyArrivals, (arrivals) => {
        const tracker = enterAll(arrivals);
        expect(tracker.delivered + tracker.missing).toBe(tracker.expectedSum());
      }),
    );
  });

  it('has nothing in it before the first arrival', () => {
    const tracker = new DeliveryTracker(10, 10);
    expect([tracker.delivered, tracker.missing, tracker.expectedSum()]).toEqual([0, 0, 0]);
  });

  it('keeps the pairs apart', () => {
    const tracker = new DeliveryTracker(2, 2);
    const pairs = [0, 1, 0, 1].map((sender, i) => tracker.enter(i >> 1, sender, 0));
    expect(pairs).toEqual(['in-order', 'in-order', 'in-order', 'in-order']);
    expect(tracker.delivered).toBe(4);
  });

  it('takes the highest number that a header can hold', () => {
    const tracker = new DeliveryTracker(1, 1);
    expect(tracker.enter(0, 0, maxSequence)).toBe('in-order');
    expect(tracker.missing).toBe(maxSequence);
    expect(tracker.expectedSum()).toBe(maxSequence + 1);
    expect(tracker.enter(0, 0, maxSequence)).toBe('duplicate');
    expect(tracker.enter(0, 0, 0)).toBe('reordered');
    expect(tracker.missing).toBe(maxSequence - 1);
  });

  it.each<[number[], Arrival[]]>([
    [
      [0, 1, 2],
      ['in-order', 'in-order', 'in-order'],
    ],
    [
      [0, 0],
      ['in-order', 'duplicate'],
    ],
    [
      [0, 2, 1, 1],
      ['in-order', 'in-order', 'reordered', 'duplicate'],
    ],
    [
      [5, 2, 2, 3, 1, 4, 0, 5],
      ['in-order', 'reordered', 'duplicate', 'reordered', 'reordered', 'reordered', 'reordered', 'duplicate'],
    ],
    [
      [2, 5, 3, 0, 2],
      ['in-order', 'in-order', 'reordered', 'reordered', 'duplicate'],
    ],
  ])('takes %j as %j', (sequences, arrivals) => {
    const tracker = new DeliveryTracker(1, 1);
    expect(sequences.map((sequence) => tracker.enter(0, 0, sequence))).toEqual(arrivals);
  });
});
