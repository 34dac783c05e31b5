/** A figure that was measured once a trial: its median and how far the trials lay apart. */

export interface Figure {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @returns undefined when there is no value. An even number of values has the mean of the middle two as median. */
export function figureOf(values: readonly number[]): Figure | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  // One value or, of an even number, two.
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  const median = middle.reduce((sum, value) => sum + value, 0) / middle.length;
  return { median, min: sorted.at(0) ?? median, max: sorted.at(-1) ?? median };
}

/** The larger distance from the median to an extreme, as a share of the median; 0 when the median is 0. */
export function spreadShare(figure: Figure): number {
  if (figure.median === 0) return 0;
  return Math.max(figure.max - figure.median, figure.median - figure.min) / Math.abs(figure.median);
}
