/** Statistics by which a test tells a distribution from another. */

/**
 * Kolmogorov-Smirnov statistic of `values` against a cumulative distribution, times the square root of their number:
 * of values that do follow it, one sample in 100 exceeds 1.63 and one in 1000 exceeds 1.95.
 */
export function kolmogorovSmirnov(values: readonly number[], cumulative: (value: number) => number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  let distance = 0;
  for (const [i, value] of sorted.entries()) {
    const expected = cumulative(value);
    distance = Math.max(distance, expected - i / n, (i + 1) / n - expected);
  }
  return distance * Math.sqrt(n);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function variance(values: readonly number[]): number {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** 2));
}

/** Correlation of each value with the one `lag` places after it; of independent values about 0 ± 1 / √n. */
export function lagCorrelation(values: readonly number[], lag: number): number {
  const centre = mean(values);
  const products = values.slice(lag).map((value, i) => (value - centre) * (values[i]! - centre));
  return mean(products) / variance(values);
}
