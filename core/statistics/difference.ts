/** Owns what a rank test says about samples, whichever test it was. */

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
