/** Owns the p95 of a trial, by which a ladder stops. */

import type { TrialLine } from '../result.js';
import { decodeHistogram } from './histogram-encoding.js';

/**
 * Of the response time, of the service time in a closed loop, in us. What was missing at the end of the drain was slower
 * than whatever came: infinite where the quantile falls among it.
 */
export function p95Us({ latencyUs, measured }: TrialLine): number {
  const { histogram } = latencyUs.response ?? latencyUs.service;
  return decodeHistogram(histogram).quantile(0.95, Math.max(0, measured.owed - measured.delivered));
}
