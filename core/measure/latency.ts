/** Latency as a result file holds it: the summary of a histogram, the quantiles in it, and the p95 of a trial. */

import { z } from 'zod';
import { amount, count, quantileTriple, type Stored } from '../stored-value.js';
import { Histogram } from './histogram.js';
import { decodeHistogram, encodeHistogram, maxEncodedChars } from './histogram-encoding.js';

/** Quantiles that reports show, with the sends needed before one is shown as firm: sends x (1 - q) >= 100. */
export const quantiles = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 } as const;
export type QuantileName = keyof typeof quantiles;
export const firmTailCount = 100;

/** A day at 3 million messages a second; all trials of a file together still fit a safe integer. */
const maxHistogramCount = 2 ** 38;

const checked = new Histogram();

/**
 * Of deliveries whose sender is on another host, by two clocks, which may differ by `clockBoundUs` more or less than was
 * found. These are in no other latency. `last` is there where messages have several receivers.
 */
export const acrossHostsSchema = z.object({
  clockBoundUs: amount,
  count,
  latency: quantileTriple,
  last: quantileTriple.optional(),
});

/** What reports make of it. */
export const acrossHostsFigures = {
  count: { fold: 'sum', unit: 'count', csv: 'across_hosts_deliveries' },
  clockBoundUs: { fold: 'median', unit: 'us', csv: 'across_hosts_clock_bound_us' },
  latency: { fold: 'times', csv: 'across_hosts' },
  last: { fold: 'times', csv: 'across_hosts_last_receiver', optional: true },
} as const;

export const latencySummarySchema = z.object({
  count,
  min: amount,
  p50: amount,
  p90: amount,
  /** Absent in files of earlier versions; the histogram has it. */
  p95: amount.optional(),
  p99: amount,
  p999: amount,
  max: amount,
  mean: amount,
  /** Values above the range of the histogram, recorded as its highest. */
  clamped: count,
  /** HdrHistogram V2 compressed encoding, base64. */
  histogram: z
    .string()
    .max(maxEncodedChars)
    .superRefine((encoded, context) => {
      try {
        const { count: total } = decodeHistogram(encoded, checked);
        if (total > maxHistogramCount) throw new Error('the histogram counts more messages than any run can send');
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'not a histogram' });
      }
    }),
});
export type LatencySummary = Stored<typeof latencySummarySchema>;

/** All values in us. Quantiles are those of the recorded values; who reads them adds what was never answered. */
export function summariseLatency(histogram: Histogram): LatencySummary {
  const { count, min, max, mean, clamped } = histogram;
  return {
    count,
    min,
    p50: histogram.quantile(quantiles.p50),
    p90: histogram.quantile(quantiles.p90),
    p95: histogram.quantile(quantiles.p95),
    p99: histogram.quantile(quantiles.p99),
    p999: histogram.quantile(quantiles.p999),
    max,
    mean,
    clamped,
    histogram: encodeHistogram(histogram),
  };
}

interface Measured {
  readonly latencyUs: { readonly response: LatencySummary | null; readonly service: LatencySummary };
  readonly measured: { readonly owed: number; readonly delivered: number };
}

/**
 * Of the response time, of the service time in a closed loop, in us. What was missing at the end of the drain was slower
 * than whatever came: infinite where the quantile falls among it.
 */
export function p95Us({ latencyUs, measured }: Measured): number {
  const { histogram } = latencyUs.response ?? latencyUs.service;
  return decodeHistogram(histogram).quantile(quantiles.p95, Math.max(0, measured.owed - measured.delivered));
}
