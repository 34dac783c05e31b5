/**
 * Exact distributions of the statistics of rank tests when nothing differs, and what is read from them. A distribution is
 * `ways[s]`: how many of the equally likely outcomes, in any unit, give the statistic s = 0, 1, 2, … up to its highest value.
 */

/** Twice the smaller tail, `statistic` itself included, and at most 1. */
export function twoSidedP(ways: Float64Array, statistic: number): number {
  const atMost = sum(ways.subarray(0, statistic + 1));
  // From the far end, so that a symmetric distribution gives the two sides the same p to the last bit.
  const atLeast = sum(ways.slice(statistic).reverse());
  return Math.min(1, (2 * Math.min(atMost, atLeast)) / sum(ways));
}

/** The least s that is not exceeded with a probability of at least `level`, as R's qwilcox and qsignrank. */
export function quantile(ways: Float64Array, level: number): number {
  const enough = level * sum(ways);
  let s = 0;
  for (let atMost = at(ways, 0); atMost < enough; atMost += at(ways, s)) s++;
  return s;
}

function sum(ways: Float64Array): number {
  let total = 0;
  for (const count of ways) total += count;
  return total;
}

/** Above this, counting is slow and its rounding, which grows with the size, would show in the ninth digit. */
const maxCounted = 100;

const knownRankSums = new Map<string, Float64Array>();

/**
 * Mann and Whitney's U without ties: `ways[u]`, u = 0 … fewer * more, of the orders of the values of two samples that have
 * u pairs with the one sample's value above the other's. It is symmetric in the two sizes, and about half of all pairs.
 * Kept, because comparisons come in thousands of the same sizes.
 */
export function rankSums(fewer: number, more: number): Float64Array {
  if (fewer > more) return rankSums(more, fewer);
  const sizes = `${fewer} ${more}`;
  const ways =
    knownRankSums.get(sizes) ?? mirrored(fewer * more, (fewer <= maxCounted ? counted : inverted)(fewer, more));
  knownRankSums.set(sizes, ways);
  return ways;
}

/** @param half the lower half, the middle included */
function mirrored(pairs: number, half: Float64Array): Float64Array {
  const ways = new Float64Array(pairs + 1);
  ways.set(half);
  ways.set(half.reverse(), pairs + 1 - half.length);
  return ways;
}

/**
 * Coefficients of the Gaussian binomial, the product over i = 1 … fewer of (1 - q^(more + i)) / (1 - q^i) (Mann & Whitney
 * 1947). All are whole numbers, exact below 2^53; larger ones are good to twelve digits.
 */
function counted(fewer: number, more: number): Float64Array {
  const half = (fewer * more) >> 1;
  const ways = new Float64Array(half + 1);
  ways[0] = 1;
  for (let i = 1; i <= fewer; i++) {
    const end = Math.min(half, i * more);
    for (let u = end; u >= more + i; u--) increase(ways, u, -at(ways, u - more - i));
    for (let u = i; u <= end; u++) increase(ways, u, at(ways, u - i));
  }
  return ways;
}

/**
 * The same as shares, from the Fourier series whose coefficients are U's characteristic function. No approximation to
 * the distribution: the series is finite, and where it is broken off its terms no longer change a double. What is
 * left is rounding, below 1e-12 in any p.
 */
function inverted(fewer: number, more: number): Float64Array {
  const pairs = fewer * more;
  const step = (2 * Math.PI) / (pairs + 1);
  const terms: number[] = [];
  for (let term = 1; term > 1e-20; ) {
    term = characteristic(fewer, more, step * (terms.length + 1));
    terms.push(2 * term);
  }
  terms.reverse();
  return Float64Array.from({ length: (pairs >> 1) + 1 }, (_, u) =>
    Math.max(0, 1 + cosineSeries(terms, step * (u - pairs / 2))),
  );
}

/** E cos(angle (U - its mean)): the Gaussian binomial on the unit circle, over its value at 1. */
function characteristic(fewer: number, more: number, angle: number): number {
  let product = 1;
  for (let i = 1; i <= fewer; i++)
    product *= ((i / (more + i)) * Math.sin(((more + i) * angle) / 2)) / Math.sin((i * angle) / 2);
  return product;
}

/** The sum of term cos(k x), k = 1, 2, … (Clenshaw 1955). @param descending the term of the highest k first */
function cosineSeries(descending: readonly number[], x: number): number {
  const twice = 2 * Math.cos(x);
  let next = 0;
  let afterNext = 0;
  for (const term of descending) [next, afterNext] = [term + twice * next - afterNext, next];
  return (next * twice) / 2 - afterNext;
}

/** The choices of so many values. */
interface Choices {
  readonly taken: number;
  readonly oneLess: Choices | undefined;
  /** By doubled U. */
  readonly ways: Float64Array;
  /** The highest doubled U so far: beyond are only zeros. */
  reach: number;
}

/**
 * U given the ties: `ways[2u]`, of all choices of `fewer` of the values, those that have this U; doubled because a tie is
 * half a pair.
 *
 * Goes through the values from the lowest and keeps, for each number of them taken so far, how many choices lead to each
 * doubled U. Taking the k-th adds its doubled rank less 2k, the least that it could have been.
 *
 * @param doubledRanks of all values of both samples, ascending
 * @param fewer size of the smaller sample, at most half of all: the work grows with its square
 */
export function tiedRankSums(doubledRanks: readonly number[], fewer: number): Float64Array {
  const length = 2 * fewer * (doubledRanks.length - fewer) + 1;
  let most: Choices = { taken: 0, oneLess: undefined, ways: Float64Array.of(1), reach: 0 };
  for (let taken = 1; taken <= fewer; taken++)
    most = { taken, oneLess: most, ways: new Float64Array(length), reach: 0 };
  for (const [seen, rank] of doubledRanks.entries())
    for (let into = most; into.oneLess !== undefined; into = into.oneLess) {
      if (into.taken > seen + 1) continue;
      const gain = rank - 2 * into.taken;
      const { ways, reach } = into.oneLess;
      // Within a group of ties `gain` can be below 0, but what has ways to it never leaves 0 … length - 1.
      for (let s = Math.max(0, -gain); s <= reach; s++) increase(into.ways, s + gain, at(ways, s));
      into.reach = Math.max(into.reach, reach + gain);
    }
  return most.ways;
}

const knownSignSums = new Map<number, Float64Array>();

/**
 * Wilcoxon's V without ties: `ways[v]`, v = 0 … n (n + 1) / 2, of all ways to give the ranked values a sign. Kept, because
 * comparisons come in thousands of the same size.
 */
export function signSums(n: number): Float64Array {
  const ways = knownSignSums.get(n) ?? subsetSums(Array.from({ length: n }, (_, i) => i + 1));
  knownSignSums.set(n, ways);
  return ways;
}

/**
 * How many subsets of `ranks` have each sum. Given doubled midranks, this is the distribution of V conditional on the
 * ties: `ways[2v]`. Whole numbers for up to 53 ranks.
 *
 * @param ranks whole, ascending
 */
export function subsetSums(ranks: readonly number[]): Float64Array {
  const ways = new Float64Array(ranks.reduce((sum, rank) => sum + rank, 1));
  ways[0] = 1;
  let highest = 0;
  for (const rank of ranks) {
    highest += rank;
    for (let sum = highest; sum >= rank; sum--) increase(ways, sum, at(ways, sum - rank));
  }
  return ways;
}

/** No outcome gives a statistic outside of the distribution. */
function at(ways: Float64Array, statistic: number): number {
  return ways[statistic] ?? 0;
}

function increase(ways: Float64Array, statistic: number, by: number): void {
  ways[statistic] = at(ways, statistic) + by;
}
