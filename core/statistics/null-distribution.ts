/**
 * Owns what is read from the distribution of a rank statistic when nothing differs. A distribution is `ways[s]`: how
 * many of the equally likely outcomes, in any unit, give the statistic s = 0, 1, 2, … up to its highest value.
 */

/** Twice the smaller tail, `statistic` itself included, and at most 1. */
export function twoSidedP(ways: Float64Array, statistic: number): number {
  let atMost = 0;
  for (let s = 0; s <= statistic; s++) atMost += ways[s]!;
  let atLeast = 0;
  // From the far end, so that a symmetric distribution gives the two sides the same p to the last bit.
  for (let s = ways.length - 1; s >= statistic; s--) atLeast += ways[s]!;
  return Math.min(1, (2 * Math.min(atMost, atLeast)) / sum(ways));
}

/** The least s that is not exceeded with a probability of at least `level`, as R's qwilcox and qsignrank. */
export function quantile(ways: Float64Array, level: number): number {
  const enough = level * sum(ways);
  let s = 0;
  for (let atMost = ways[0]!; atMost < enough; atMost += ways[s]!) s++;
  return s;
}

function sum(ways: Float64Array): number {
  let total = 0;
  for (const count of ways) total += count;
  return total;
}
