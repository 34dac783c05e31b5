/**
 * Owns what sorted candidates say about a shift: each pair of values suggests one, their median is the estimate (Hodges
 * & Lehmann 1963), and those that the test does not reject are the interval (Bauer 1972).
 */

import type { Difference, Interval } from './difference.js';
import { quantile, twoSidedP } from './null-distribution.js';

/**
 * With k the lower quantile of the test's statistic, the k-th candidate from either end; the first where the values
 * are too few for the level. This is the interval of R's `wilcox.test(exact = TRUE, conf.int = TRUE)`.
 *
 * `ways` is the distribution without ties, whether there are any or not: as the ends belong to it, an interval that
 * covers the true shift when ties are broken at random covers it when they are not broken (Noether 1967).
 *
 * @param candidates ascending; one for each step of the statistic, so ways.length - 1 of them
 */
export function shiftOf(
  candidates: Float64Array,
  ways: Float64Array,
): Pick<Difference, 'estimate' | 'ci95' | 'ci90' | 'leastP'> {
  const { length } = candidates;
  const within = (bothTails: number): Interval => {
    const k = Math.max(1, quantile(ways, bothTails / 2));
    return { low: candidates[k - 1]!, high: candidates[length - k]! };
  };
  return {
    estimate: (candidates[(length - 1) >> 1]! + candidates[length >> 1]!) / 2,
    ci95: within(0.05),
    ci90: within(0.1),
    leastP: twoSidedP(ways, 0),
  };
}
