/** Confidence intervals: of the shift that a rank test finds, and of the rate of a count. */

import { quantile, twoSidedP } from './rank-distributions.js';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How far head lies from base, on the scale of the values: ln of figures makes it ln of a ratio. */
export interface Difference {
  /** Hodges-Lehmann: the median of all shifts that the values suggest; above 0 where head is higher. */
  readonly estimate: number;
  /** Exact and two-sided: how often chance alone does at least this much. */
  readonly p: number;
  /** Ends belong to it. Where `leastP` is above 0.05, too few values reach 95 %: this is then the widest there is. */
  readonly ci95: Interval;
  /** As `ci95`, for 90 %. */
  readonly ci90: Interval;
  /** Values in the smaller sample. */
  readonly n: number;
  /** The smallest p that samples of these sizes can have. */
  readonly leastP: number;
}

/**
 * Each pair of values suggests a shift: their median is the estimate (Hodges & Lehmann 1963), and those that the test does
 * not reject are the interval (Bauer 1972). With k the lower quantile of the test's statistic, its ends are the k-th
 * shift from either end; the first where the values are too few for the level. This is the interval of R's
 * `wilcox.test(exact = TRUE, conf.int = TRUE)`.
 *
 * `ways` is the distribution without ties, whether there are any or not: as the ends belong to it, an interval that
 * covers the true shift when ties are broken at random covers it when they are not broken (Noether 1967).
 *
 * @param shifts ascending, at least one; one for each step of the statistic, so ways.length - 1 of them
 */
export function shiftOf(
  shifts: Float64Array,
  ways: Float64Array,
): Pick<Difference, 'estimate' | 'ci95' | 'ci90' | 'leastP'> {
  const { length } = shifts;
  const within = (bothTails: number): Interval => {
    const k = Math.max(1, quantile(ways, bothTails / 2));
    const [low = Number.NEGATIVE_INFINITY] = shifts.subarray(k - 1);
    const [high = Number.POSITIVE_INFINITY] = shifts.subarray(length - k);
    return { low, high };
  };
  const [lower = Number.NaN, upper = lower] = shifts.subarray((length - 1) >> 1, (length >> 1) + 1);
  return { estimate: (lower + upper) / 2, ci95: within(0.05), ci90: within(0.1), leastP: twoSidedP(ways, 0) };
}

/**
 * Clopper & Pearson (1934): every rate at which as many successes, and as few, are no rarer than (1 - confidence) / 2 each. Covers the true
 * rate with at least `confidence`, whatever it is.
 *
 * @param successes 0 … trials
 * @param trials without any, the interval is 0..1
 * @param confidence 0.95 for example
 * @returns rates, 0..1
 * @throws RangeError where the counts are not whole, or confidence is not between 0 and 1
 */
export function clopperPearson(successes: number, trials: number, confidence: number): Interval {
  if (!Number.isSafeInteger(trials) || !Number.isSafeInteger(successes) || successes < 0 || successes > trials)
    throw new RangeError(`${successes} of ${trials} are not a count of successes`);
  if (!(confidence > 0 && confidence < 1)) throw new RangeError(`${confidence} is not between 0 and 1`);
  const tail = (1 - confidence) / 2;
  return { low: 1 - highestRate(trials - successes, trials, tail), high: highestRate(successes, trials, tail) };
}

/** The rate at which `successes` or fewer have a probability of `tail`, by halving. */
function highestRate(successes: number, trials: number, tail: number): number {
  if (successes === trials) return 1;
  const lnWays = lnBinomial(trials, successes);
  let low = successes / trials;
  let high = 1;
  for (let middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2)
    if (atMost(successes, trials, middle, lnWays) > tail) low = middle;
    else high = middle;
  return high;
}

/**
 * The probability of `successes` or fewer: that of exactly as many, times what each term below adds to it. From a rate
 * of successes / trials upwards the terms shrink.
 */
function atMost(successes: number, trials: number, rate: number, lnWays: number): number {
  let term = Math.exp(lnWays + successes * Math.log(rate) + (trials - successes) * Math.log1p(-rate));
  let sum = term;
  for (let left = successes; left > 0 && term > 0; left--) {
    term *= (left * (1 - rate)) / ((trials - left + 1) * rate);
    sum += term;
  }
  return sum;
}

function lnBinomial(n: number, k: number): number {
  let ln = 0;
  for (let i = 1; i <= Math.min(k, n - k); i++) ln += Math.log((n - i + 1) / i);
  return ln;
}
