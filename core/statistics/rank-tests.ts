/** Rank tests: Mann-Whitney for two independent samples, signed-rank for pairs; exact at every size. */

import { type Difference, shiftOf } from './intervals.js';
import { rankSums, signSums, subsetSums, tiedRankSums, twoSidedP } from './rank-distributions.js';

/** Up to here a test takes about a second at most, and its outcomes can be counted in a double. */
const maxValues = 1000;
/** Up to this many pairs of values the distribution given the ties is counted; that takes less than a second. */
const maxTiedPairs = 10_000;

/**
 * Compares two independent samples (Wilcoxon 1945; Mann & Whitney 1947). Exact, without a normal approximation at any
 * size. Equal values get midranks, and p is conditional on them. Only where there are ties among more than 10,000 pairs
 * is p an upper bound: they are then broken against the difference.
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

/**
 * Compares pairs by their differences (Wilcoxon 1945). Exact, without a normal approximation at any size. Differences of
 * equal size get midranks, and p is conditional on them. Differences of 0 say nothing about direction and are dropped
 * from v and p, as Wilcoxon (1945) does; estimate and intervals keep them, because to lie at 0 does say where the
 * middle is.
 *
 * @param differences head - base of each pair, ln(head/base) where a ratio is meant, in any order; 1 to 1000
 * @returns `v`: the sum of the ranks of those above 0 (R's V); the estimate is the pseudo-median
 * @throws RangeError where there are no differences, too many, or one is not finite
 */
export function signedRank(differences: readonly number[]): Difference & { readonly v: number } {
  checkSample('the list of differences', differences);
  const moved = differences.filter((difference) => difference !== 0).sort((a, b) => Math.abs(a) - Math.abs(b));
  const ranks = doubledMidranks(moved.map(Math.abs));
  const signs = moved.map(Math.sign);
  const doubledV = ranks.reduce((sum, rank, i) => (signs[i] === 1 ? sum + rank : sum), 0);
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
  for (const [i, one] of values.entries())
    for (const other of values.slice(0, i + 1)) averages[pair++] = (one + other) / 2;
  return averages.sort();
}

/**
 * @param what names the sample in the error, `head` for example
 * @throws RangeError where there is no value, more than `maxValues`, or one that is not finite (ln of 0, say)
 */
function checkSample(what: string, values: readonly number[]): void {
  if (values.length === 0) throw new RangeError(`a rank test needs at least one value, and ${what} has none`);
  if (values.length > maxValues)
    throw new RangeError(`a rank test takes at most ${maxValues} values, and ${what} has ${values.length}`);
  const invalid = values.find((value) => !Number.isFinite(value));
  if (invalid !== undefined) throw new RangeError(`a rank test needs finite values, and ${what} has ${invalid}`);
}

/**
 * Twice the rank of each of `ascending`, which keeps them whole: equal values share the mean of their ranks.
 * [3, 5, 5, 8] has the ranks 1, 2.5, 2.5, 4 and gives [2, 5, 5, 8].
 */
function doubledMidranks(ascending: readonly number[]): number[] {
  const ranks: number[] = [];
  while (ranks.length < ascending.length) {
    const first = ranks.length;
    let end = first + 1;
    while (end < ascending.length && ascending[end] === ascending[first]) end++;
    while (ranks.length < end) ranks.push(first + 1 + end);
  }
  return ranks;
}

function hasTies(ascendingRanks: readonly number[]): boolean {
  return ascendingRanks.some((rank, i) => rank === ascendingRanks[i + 1]);
}
