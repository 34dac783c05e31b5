/** Owns the summary of a latency histogram as a result file holds it. */

import type { LatencySummary } from '../result.js';
import type { Histogram } from './histogram.js';
import { encodeHistogram } from './histogram-encoding.js';

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
