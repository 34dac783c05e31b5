/** Owns the distribution of Mann and Whitney's U where values are equal, given which of them are. */

/**
 * `ways[2u]`: of all choices of `fewer` of the values, how many give them this U; doubled because a tie is half a pair.
 *
 * Goes through the values from the lowest and keeps, for each number of them taken so far, how many choices lead to each
 * doubled U. Taking the k-th adds its doubled rank less 2k, the least that it could have been.
 *
 * @param doubledRanks of all values of both samples, ascending
 * @param fewer size of the smaller sample, at most half of all: the work grows with its square
 */
export function tiedRankSums(doubledRanks: readonly number[], fewer: number): Float64Array {
  const highest = 2 * fewer * (doubledRanks.length - fewer);
  const ways = Array.from({ length: fewer + 1 }, () => new Float64Array(highest + 1));
  ways[0]![0] = 1;
  /** The highest doubled U so far, by the number taken: beyond are only zeros. */
  const reach = new Array<number>(fewer + 1).fill(0);
  for (const [seen, rank] of doubledRanks.entries())
    for (let k = Math.min(fewer, seen + 1); k >= 1; k--) {
      const gain = rank - 2 * k;
      addShifted(ways[k]!, ways[k - 1]!, gain, reach[k - 1]!);
      reach[k] = Math.max(reach[k]!, reach[k - 1]! + gain);
    }
  return ways[fewer]!;
}

/** Within a group of ties `gain` can be below 0, but what has ways to it never leaves 0 … highest. */
function addShifted(into: Float64Array, from: Float64Array, gain: number, reach: number): void {
  for (let s = Math.max(0, -gain); s <= reach; s++) into[s + gain]! += from[s]!;
}
