/** The corrections of many p-values: R's answers, and the procedures that they stand for. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { benjaminiHochberg, holm } from '../dist/core/statistics/corrections.js';
import { furthest, vectors } from './rank-vectors.js';

const p = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });
const corrections = [
  { name: 'Holm', adjust: holm },
  { name: 'Benjamini-Hochberg', adjust: benjaminiHochberg },
];
const paired = (ours: readonly number[], theirs: readonly number[]) =>
  theirs.map((value, i) => [ours[i]!, value] as const);

describe('adjusted p-values', () => {
  it.each(vectors.adjust)('agree with R to 1e-9 on $p', (vector) => {
    expect(furthest(paired(holm(vector.p), vector.holm))).toBeLessThan(1e-9);
    expect(furthest(paired(benjaminiHochberg(vector.p), vector.bh))).toBeLessThan(1e-9);
  });

  it('are highest after Holm, then after Benjamini-Hochberg, then as they were, and at most 1', () => {
    fc.assert(
      fc.property(p, (raw) => {
        const afterHolm = holm(raw);
        const afterBh = benjaminiHochberg(raw);
        expect([afterHolm.length, afterBh.length]).toEqual([raw.length, raw.length]);
        for (const [i, value] of raw.entries()) {
          expect(afterHolm[i]).toBeLessThanOrEqual(1);
          expect(afterHolm[i]! - afterBh[i]!).toBeGreaterThanOrEqual(-1e-15);
          expect(afterBh[i]! - value).toBeGreaterThanOrEqual(-1e-15);
        }
      }),
    );
  });

  it.each(corrections)('after $name come in the order in which they were given', ({ adjust }) => {
    fc.assert(
      fc.property(p, (raw) => {
        expect(adjust(raw.toReversed())).toEqual(adjust(raw).reverse());
        const rising = (a: number, b: number) => a - b;
        expect(adjust(raw.toSorted(rising))).toEqual(adjust(raw).sort(rising));
      }),
    );
  });

  it.each(corrections)('after $name are none of none, and a single one as it was', ({ adjust }) => {
    expect(adjust([])).toEqual([]);
    expect(adjust([0.03])).toEqual([0.03]);
  });

  it.each(corrections)('after $name are an error for what is no probability', ({ adjust }) => {
    for (const stranger of [Number.NaN, -0.1, 1.1])
      expect(() => adjust([0.5, stranger])).toThrow(new RangeError(`a p-value is from 0 to 1, and not ${stranger}`));
  });

  it('after Holm are those <= alpha that stepping down rejects', () => {
    fc.assert(
      fc.property(p, fc.double({ min: 0.001, max: 0.5, noNaN: true }), (raw, alpha) => {
        const ascending = raw.toSorted((a, b) => a - b);
        const kept = ascending.findIndex((value, i) => (raw.length - i) * value > alpha);
        const rejected = kept < 0 ? raw.length : kept;
        expect(holm(raw).filter((value) => value <= alpha)).toHaveLength(rejected);
      }),
    );
  });

  it('after Benjamini-Hochberg are those <= alpha that stepping up rejects', () => {
    fc.assert(
      fc.property(p, fc.double({ min: 0.001, max: 0.5, noNaN: true }), (raw, alpha) => {
        const ascending = raw.toSorted((a, b) => a - b);
        const rejected = ascending.findLastIndex((value, i) => (raw.length / (i + 1)) * value <= alpha) + 1;
        expect(benjaminiHochberg(raw).filter((value) => value <= alpha)).toHaveLength(rejected);
      }),
    );
  });
});
