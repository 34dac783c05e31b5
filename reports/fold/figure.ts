/** A figure that was measured once a trial: its median and how far the trials lay apart. */

import { z } from 'zod';
import type { Interval } from '../../core/statistics/intervals.js';
import { signedRank } from '../../core/statistics/rank-tests.js';
import type { Stored } from '../../core/stored-value.js';

export const figureSchema = z
  .object({ median: z.number(), min: z.number(), max: z.number() })
  .meta({ id: 'figure', description: 'Over trials: the median, the lowest and the highest.' });
export type Figure = Stored<typeof figureSchema>;

export const intervalSchema = z
  .object({ low: z.number(), high: z.number() })
  .meta({ id: 'interval', description: 'A confidence interval, of 95 % where nothing else is said.' });

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

/** Fewer have no interval: that of three trials would hold the true value in 75 % of all cases at best. */
export const leastTrials = 5;
/** The latest; statistics are exact, and more would take longer than they tell. */
export const mostTrials = 200;
/** A quantile of a kind with many receivers is firm when half of its interval is less than this share of it. */
export const firmHalfWidth = 0.15;

/**
 * From the sorted Walsh averages (Hodges & Lehmann 1963), of the logarithms where every value has one. Of five values
 * it is the widest that there is, and covers 93.75 %.
 */
export function intervalOf(values: readonly number[]): Interval | undefined {
  const used = values.slice(-mostTrials);
  if (used.length < leastTrials) return undefined;
  if (used.some((value) => value <= 0)) return signedRank(used).ci95;
  const { low, high } = signedRank(used.map(Math.log)).ci95;
  return { low: Math.exp(low), high: Math.exp(high) };
}

/** Whether half of the interval is narrow enough for a quantile of deliveries that depend on each other. */
export function isNarrow(interval: Interval | undefined, value: number): boolean {
  return interval !== undefined && (interval.high - interval.low) / 2 / Math.abs(value) < firmHalfWidth;
}
