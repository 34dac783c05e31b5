/** Owns the comparison of pairs by their differences (Wilcoxon 1945). */

import type { Difference } from './difference.js';
import { doubledMidranks, hasTies } from './midranks.js';
import { twoSidedP } from './null-distribution.js';
import { checkSample } from './sample.js';
import { shiftOf } from './shift.js';
import { signSums, subsetSums } from './sign-sums.js';

/**
 * Exact for all sizes, without a normal approximation anywhere. Differences of equal size get midranks, and p is
 * conditional on them. Differences of 0 say nothing about direction and are dropped from v and p, as Wilcoxon (1945)
 * does; estimate and intervals keep them, because to lie at 0 does say where the middle is.
 *
 * @param differences head - base of each pair, ln(head/base) where a ratio is meant, in any order; 1 to 1000
 * @returns `v`: the sum of the ranks of those above 0 (R's V); the estimate is the pseudo-median
 * @throws RangeError where there are no differences, too many, or one is not finite
 */
export function signedRank(differences: readonly number[]): Difference & { readonly v: number } {
  checkSample('the list of differences', differences);
  const moved = differences.filter((difference) => difference !== 0).sort((a, b) => Math.abs(a) - Math.abs(b));
  const ranks = doubledMidranks(moved.map(Math.abs));
  const doubledV = ranks.reduce((sum, rank, i) => (moved[i]! > 0 ? sum + rank : sum), 0);
  return {
    ...shiftOf(walshAverages(differences), signSums(differences.length)),
    p: hasTies(ranks) ? twoSidedP(subsetSums(ranks), doubledV) : twoSidedP(signSums(moved.length), doubledV / 2),
    n: differences.length,
    v: doubledV / 2,
  };
}

/** The means of all pairs of `values`, each value with itself too, ascending. */
function walshAverages(values: readonly number[]): Float64Array {
  const averages = new Float64Array((values.length * (values.length + 1)) / 2);
  let pair = 0;
  for (const [i, one] of values.entries()) for (let j = 0; j <= i; j++) averages[pair++] = (one + values[j]!) / 2;
  return averages.sort();
}
