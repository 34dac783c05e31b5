/** The verdict on a difference: the rules, in the order in which they are tried. */

import type { Difference, Interval } from '../statistics/intervals.js';

export const verdicts = ['regression', 'improvement', 'small change', 'no change', 'inconclusive'] as const;
export type Verdict = (typeof verdicts)[number];

/** The difference turned so that above 0 is worse. */
export function worseUpwards(difference: Difference, better: 'higher' | 'lower'): Difference {
  if (better === 'lower') return difference;
  const { estimate, p, ci95, ci90, n, leastP } = difference;
  return { estimate: 0 - estimate, p, ci95: mirrored(ci95), ci90: mirrored(ci90), n, leastP };
}

/** Subtracted rather than negated, which would make -0 of 0. */
function mirrored({ low, high }: Interval): Interval {
  return { low: 0 - high, high: 0 - low };
}

/**
 * A change is called a regression or an improvement only if it is both shown and large enough to care about. Intervals
 * speak only where the samples are enough to reach their level; `inconclusive` is what is left.
 *
 * @param worse above 0 is worse, see `worseUpwards`
 * @param p of the same test, after Holm's correction
 * @param leastLog the least effect of interest, ln(1 + share)
 * @param alpha a false alarm's highest probability, over all gates judged together
 */
export function judge(worse: Difference, p: number, leastLog: number, alpha: number): Verdict {
  const { estimate, ci95, ci90, leastP } = worse;
  if (p <= alpha && estimate >= leastLog) return 'regression';
  if (p <= alpha && estimate <= -leastLog) return 'improvement';
  const isShown = ci95.low > 0 || ci95.high < 0;
  if (leastP <= 0.05 && isShown && Math.abs(estimate) < leastLog) return 'small change';
  if (leastP <= 0.1 && ci90.low >= -leastLog && ci90.high <= leastLog) return 'no change';
  return 'inconclusive';
}
