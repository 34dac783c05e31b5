/** Least sizes of samples for a verdict: with fewer, no p can pass Holm's correction. */

/**
 * The least n with 2^(1-n) <= alpha / gates: the signed-rank test where all differences have the same sign.
 *
 * @param gates how many are judged together, at least 1
 * @param alpha above 0
 * @throws RangeError otherwise
 */
export function leastForks(gates: number, alpha: number): number {
  return leastSize(gates, alpha, (signs) => signs * 2);
}

/**
 * The least n, of each side, with 2 / C(2n, n) <= alpha / gates: the Mann-Whitney test where all of one side lie above
 * all of the other.
 *
 * @param gates how many are judged together, at least 1
 * @param alpha above 0
 * @throws RangeError otherwise
 */
export function leastTrials(gates: number, alpha: number): number {
  return leastSize(gates, alpha, (orders, n) => (orders * 2 * (2 * n - 1)) / n);
}

/** @param outcomesOf from the outcomes of samples of size n - 1 to those of size n; size 1 has 2 */
function leastSize(gates: number, alpha: number, outcomesOf: (before: number, n: number) => number): number {
  if (!(gates >= 1)) throw new RangeError(`${gates} gates need no samples`);
  if (!(alpha > 0)) throw new RangeError(`no number of samples reaches an alpha of ${alpha}`);
  let n = 1;
  for (let outcomes = 2; gates * (2 / outcomes) > alpha; outcomes = outcomesOf(outcomes, n)) n++;
  return n;
}
