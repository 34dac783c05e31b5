/** Owns ranks, and what becomes of them where values are equal. */

/**
 * Twice the rank of each of `ascending`, which keeps them whole: equal values share the mean of their ranks.
 * [3, 5, 5, 8] has the ranks 1, 2.5, 2.5, 4 and gives [2, 5, 5, 8].
 */
export function doubledMidranks(ascending: readonly number[]): number[] {
  const ranks: number[] = [];
  while (ranks.length < ascending.length) {
    const first = ranks.length;
    let end = first + 1;
    while (end < ascending.length && ascending[end] === ascending[first]) end++;
    while (ranks.length < end) ranks.push(first + 1 + end);
  }
  return ranks;
}

export function hasTies(ascendingRanks: readonly number[]): boolean {
  return ascendingRanks.some((rank, i) => rank === ascendingRanks[i + 1]);
}
