/** Owns what is said about a quantity that was measured once a trial: its median and how far the trials lay apart. */

export interface Figure {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @returns undefined when there is no value. An even number of values has the mean of the middle two as median. */
export function figureOf(values: readonly number[]): Figure | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted[sorted.length - 1]! };
}

/** The larger distance from the median to an extreme, as a share of the median; 0 when the median is 0. */
export function spreadShare(figure: Figure): number {
  if (figure.median === 0) return 0;
  return Math.max(figure.max - figure.median, figure.median - figure.min) / Math.abs(figure.median);
}
