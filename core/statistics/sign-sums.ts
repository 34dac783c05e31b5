/** Owns the distributions of Wilcoxon's V: of all ways to give the ranked values a sign, how many give each V. */

const known = new Map<number, Float64Array>();

/** Without ties: `ways[v]`, v = 0 … n (n + 1) / 2. Kept, because comparisons come in thousands of the same size. */
export function signSums(n: number): Float64Array {
  const ways = known.get(n) ?? subsetSums(Array.from({ length: n }, (_, i) => i + 1));
  known.set(n, ways);
  return ways;
}

/**
 * How many subsets of `ranks` have each sum. Given doubled midranks, this is the distribution conditional on the ties:
 * `ways[2v]`. Whole numbers for up to 53 ranks.
 *
 * @param ranks whole, ascending
 */
export function subsetSums(ranks: readonly number[]): Float64Array {
  const ways = new Float64Array(ranks.reduce((sum, rank) => sum + rank, 1));
  ways[0] = 1;
  let highest = 0;
  for (const rank of ranks) {
    highest += rank;
    for (let sum = highest; sum >= rank; sum--) ways[sum]! += ways[sum - rank]!;
  }
  return ways;
}
