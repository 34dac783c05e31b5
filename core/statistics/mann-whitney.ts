/** Owns the comparison of two independent samples (Wilcoxon 1945; Mann & Whitney 1947). */

import type { Difference } from './difference.js';
import { doubledMidranks, hasTies } from './midranks.js';
import { twoSidedP } from './null-distribution.js';
import { rankSums } from './rank-sums.js';
import { checkSample } from './sample.js';
import { shiftOf } from './shift.js';
import { tiedRankSums } from './tied-rank-sums.js';

/** Up to this many pairs of values the distribution given the ties is counted; that takes less than a second. */
const maxTiedPairs = 10_000;

/**
 * Exact, without a normal approximation at any size. Equal values get midranks, and p is conditional on them. Only where
 * there are ties among more than 10,000 pairs is p an upper bound: they are then broken against the difference.
 *
 * @param base the values, ln of figures where a ratio is meant, in any order; 1 to 1000
 * @param head as `base`
 * @returns `u`: the pairs in which head is higher, an equal pair being half a one (W of R's `wilcox.test(head, base)`)
 * @throws RangeError where a sample is empty, too large or not finite
 */
export function mannWhitney(base: readonly number[], head: readonly number[]): Difference & { readonly u: number } {
  checkSample('base', base);
  checkSample('head', head);
  const shifts = pairShifts(base, head);
  const ways = rankSums(base.length, head.length);
  const wins = shifts.filter((shift) => shift > 0).length;
  const draws = shifts.filter((shift) => shift === 0).length;
  return {
    ...shiftOf(shifts, ways),
    p: tiedP(base, head, wins, draws) ?? twoSidedP(ways, towardsMiddle(shifts.length, wins, draws)),
    n: Math.min(base.length, head.length),
    u: wins + draws / 2,
  };
}

/** head - base of all pairs, ascending. */
function pairShifts(base: readonly number[], head: readonly number[]): Float64Array {
  const shifts = new Float64Array(base.length * head.length);
  let pair = 0;
  for (const one of head) for (const other of base) shifts[pair++] = one - other;
  return shifts.sort();
}

/** p given the ties; undefined where there are none, or too many pairs to count. */
function tiedP(base: readonly number[], head: readonly number[], wins: number, draws: number): number | undefined {
  const pairs = base.length * head.length;
  const ranks = doubledMidranks([...base, ...head].sort((a, b) => a - b));
  if (pairs > maxTiedPairs || !hasTies(ranks)) return undefined;
  const doubledU = 2 * wins + draws;
  return head.length <= base.length
    ? twoSidedP(tiedRankSums(ranks, head.length), doubledU)
    : twoSidedP(tiedRankSums(ranks, base.length), 2 * pairs - doubledU);
}

/** Of all U that breaking the ties could give, the one that says least; without draws there is only one. */
function towardsMiddle(pairs: number, wins: number, draws: number): number {
  return Math.floor(Math.min(Math.max(pairs / 2, wins), wins + draws));
}
