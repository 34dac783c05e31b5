/** Metrics: the figures that gates, comparisons and histories know by a name, and what counts as a change of them. */

import { isPushed, type Kind } from '../kind.js';
import type { FigureName, MetricUnit } from './figures.js';
import { type QuantileName, quantiles } from './latency.js';

interface Metric {
  /** For tables and sentences: `p99 is 3.20 ms`. */
  readonly label: string;
  readonly unit: MetricUnit;
  /** The figure of a trial; the others are read from the latency histogram or from several counts. */
  readonly figure?: FigureName;
  /** Only with `leastShare`. */
  readonly better?: 'higher' | 'lower';
  /**
   * Minimum effect of interest, as a share, between forks of one job; between jobs it is twice that. Only metrics that
   * have it can be compared with base.
   */
  readonly leastShare?: number;
}

/**
 * What gates, comparisons and histories can be about. Latency is response time where there is a schedule to be late
 * against, else service time. Over several trials latency is that of all messages together, counts are summed, and
 * everything else is the median.
 */
export const metrics = {
  throughput: { label: 'throughput', unit: '/s', figure: 'deliveredPerSecond', better: 'higher', leastShare: 0.03 },
  cpuPerDelivery: {
    label: 'CPU per delivery',
    unit: 'us',
    figure: 'server.cpuUsPerDelivery',
    better: 'lower',
    leastShare: 0.03,
  },
  p50: { label: 'p50', unit: 'us', better: 'lower', leastShare: 0.05 },
  p90: { label: 'p90', unit: 'us', better: 'lower', leastShare: 0.1 },
  p95: { label: 'p95', unit: 'us', better: 'lower', leastShare: 0.1 },
  p99: { label: 'p99', unit: 'us', better: 'lower', leastShare: 0.1 },
  p999: { label: 'p99.9', unit: 'us', better: 'lower', leastShare: 0.2 },
  max: { label: 'the highest latency', unit: 'us' },
  rss: { label: 'server RSS', unit: 'B', figure: 'server.rssBytes', better: 'lower', leastShare: 0.05 },
  /** Deliveries received of those owed. */
  delivered: { label: 'the delivered share', unit: 'share' },
  lost: { label: 'the number of lost deliveries', unit: 'count', figure: 'counts.lost' },
  duplicated: { label: 'the number of duplicated deliveries', unit: 'count', figure: 'counts.duplicated' },
  reordered: { label: 'the number of reordered deliveries', unit: 'count', figure: 'counts.reordered' },
  corrupted: { label: 'the number of corrupted messages', unit: 'count', figure: 'counts.corrupted' },
  /** Messages due that could not be sent, because their connection was gone for example. */
  dropped: { label: 'the number of messages that could not be sent', unit: 'count', figure: 'counts.dropped' },
  /** Errors of every class together, closed connections for example. */
  errors: { label: 'the number of errors', unit: 'count' },
} as const satisfies Record<string, Metric>;

/** What an absolute gate can be about. */
export type GateMetricName = keyof typeof metrics;
/** What two versions of a server can be compared by. */
export type MetricName = {
  [Name in GateMetricName]: (typeof metrics)[Name] extends { leastShare: number } ? Name : never;
}[GateMetricName];

export const gateMetricNames = Object.keys(metrics) as GateMetricName[];
export const metricNames = gateMetricNames.filter(isCompared);

export function isQuantile(name: GateMetricName): name is QuantileName {
  return Object.hasOwn(quantiles, name);
}

export function isCompared(name: GateMetricName): name is MetricName {
  return 'leastShare' in metrics[name];
}

/** What `bench ab` gates where no gate is given, what a comparison shows beside it, and what a history shows. */
const usualMetrics = {
  closed: { gated: ['throughput', 'cpuPerDelivery', 'p50', 'p99'], beside: [], shown: 'throughput' },
  // Throughput is what was asked for, whatever the server costs.
  open: { gated: ['cpuPerDelivery', 'p50', 'p99'], beside: ['throughput'], shown: 'p99' },
  // What a server of one's own sends unasked may hold no time.
  pushed: { gated: ['cpuPerDelivery'], beside: ['p50', 'p99', 'throughput'], shown: 'throughput' },
  // Without messages there is only memory.
  none: { gated: [], beside: ['rss'], shown: 'rss' },
} as const satisfies Record<string, Record<'gated' | 'beside', readonly MetricName[]> & { shown: MetricName }>;

export function usualMetricsOf(kind: Kind, model: 'open' | 'closed' | 'none') {
  return usualMetrics[model === 'none' && isPushed(kind) ? 'pushed' : model];
}
