/** Goodness of fit: tests of send times against the schedules that they should follow. */

/**
 * Kolmogorov's distribution: the probability that `samples` values of the right distribution are as far from it as
 * `distance`, the largest difference of the two distribution functions (M. A. Stephens' approximation, 1970; better
 * than 1 % from a few dozen values on).
 */
export function kolmogorovP(distance: number, samples: number): number {
  const root = Math.sqrt(samples);
  const lambda = (root + 0.12 + 0.11 / root) * distance;
  // Below this the series converges slowly, and its sum is 1 to nine digits.
  if (lambda < 0.3) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) sum += 2 * (-1) ** (k - 1) * Math.exp(-2 * k * k * lambda * lambda);
  return Math.min(1, Math.max(0, sum));
}

/** Kolmogorov-Smirnov test of `gaps` against the exponential distribution of a known mean; 0 when there are none. */
export function exponentialP(gaps: readonly number[], mean: number): number {
  const sorted = gaps.toSorted((a, b) => a - b);
  let distance = 0;
  for (const [i, gap] of sorted.entries()) {
    const expected = 1 - Math.exp(-gap / mean);
    distance = Math.max(distance, expected - i / sorted.length, (i + 1) / sorted.length - expected);
  }
  return sorted.length > 0 ? kolmogorovP(distance, sorted.length) : 0;
}

/** Times from each value to the next; `times` in any order. */
export function gapsOf(times: readonly number[]): number[] {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted.slice(1).map((time, i) => time - (sorted[i] ?? Number.NaN));
}

/**
 * How far each of `times` lies behind an even grid of `step`, in rising order. The grid is laid through the earliest
 * with respect to it: messages may leave late, never early.
 */
export function behindGrid(times: readonly number[], step: number): number[] {
  const offsets = times.toSorted((a, b) => a - b).map((time, i) => time - i * step);
  const least = offsets.reduce((smallest, offset) => Math.min(smallest, offset), Number.POSITIVE_INFINITY);
  return offsets.map((offset) => offset - least).sort((a, b) => a - b);
}

/** The value that a share `q` of `sorted` do not exceed; NaN when there are none. */
export function quantileOf(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}
