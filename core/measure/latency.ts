/** The summary of a latency histogram as a result file holds it, and the p95 of a trial. */

import type { LatencySummary, TrialLine } from '../result.js';
import type { Histogram } from './histogram.js';
import { decodeHistogram, encodeHistogram } from './histogram-encoding.js';

/** All values in us. Quantiles are those of the recorded values; who reads them adds what was never answered. */
export function summariseLatency(histogram: Histogram): LatencySummary {
  return {
    count: histogram.count,
    min: histogram.min,
    p50: histogram.quantile(0.5),
    p90: histogram.quantile(0.9),
    p99: histogram.quantile(0.99),
    p999: histogram.quantile(0.999),
    max: histogram.max,
    mean: histogram.mean,
    clamped: histogram.clamped,
    histogram: encodeHistogram(histogram),
  };
}

/**
 * Of the response time, of the service time in a closed loop, in us. What was missing at the end of the drain was slower
 * than whatever came: infinite where the quantile falls among it.
 */
export function p95Us({ latencyUs, measured }: Pick<TrialLine, 'latencyUs' | 'measured'>): number {
  const { histogram } = latencyUs.response ?? latencyUs.service;
  return decodeHistogram(histogram).quantile(0.95, Math.max(0, measured.owed - measured.delivered));
}
