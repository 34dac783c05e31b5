/** Owns what a count of successes says about their rate (Clopper & Pearson 1934). */

import type { Interval } from './difference.js';

/**
 * Holds every rate at which as many successes, and as few, are no rarer than (1 - confidence) / 2 each. Covers the true
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
