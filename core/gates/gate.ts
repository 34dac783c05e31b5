/** Owns what a gate is: a promise about one measured figure, and the figures that a promise can be about. */

import { type MetricName, metrics } from '../measure/metric.js';

/** What a figure is an amount of; it decides which units a bound may have. */
export type Quantity = 'duration' | 'rate' | 'size' | 'share' | 'count';

interface GateMetric {
  /** For sentences: `p99 is 3.20 ms`. */
  readonly label: string;
  readonly quantity: Quantity;
}

/**
 * Figures that an absolute gate may name. Over several trials, latency is that of all messages together, counts are
 * summed over whole trials with their warm-up, and everything else is the median of the trials.
 */
export const gateMetrics = {
  throughput: { label: metrics.throughput.label, quantity: 'rate' },
  cpuPerDelivery: { label: metrics.cpuPerDelivery.label, quantity: 'duration' },
  p50: { label: metrics.p50.label, quantity: 'duration' },
  p90: { label: metrics.p90.label, quantity: 'duration' },
  p99: { label: metrics.p99.label, quantity: 'duration' },
  p999: { label: metrics.p999.label, quantity: 'duration' },
  max: { label: 'the highest latency', quantity: 'duration' },
  rss: { label: metrics.rss.label, quantity: 'size' },
  /** Deliveries received of those owed. */
  delivered: { label: 'the delivered share', quantity: 'share' },
  lost: { label: 'the number of lost deliveries', quantity: 'count' },
  duplicated: { label: 'the number of duplicated deliveries', quantity: 'count' },
  reordered: { label: 'the number of reordered deliveries', quantity: 'count' },
  corrupted: { label: 'the number of corrupted messages', quantity: 'count' },
  /** Messages due that could not be sent, because their connection was gone for example. */
  dropped: { label: 'the number of messages that could not be sent', quantity: 'count' },
  /** Errors of every class together, closed connections for example. */
  errors: { label: 'the number of errors', quantity: 'count' },
} as const satisfies Record<MetricName, GateMetric> & Record<string, GateMetric>;

export type GateMetricName = keyof typeof gateMetrics;

export const relations = ['<', '<=', '>', '>=', '='] as const;
export type Relation = (typeof relations)[number];

/** A promise that one run keeps or breaks. */
export interface AbsoluteGate {
  readonly is: 'absolute';
  /** As it was written, without the space around it. */
  readonly text: string;
  readonly metric: GateMetricName;
  readonly comparison: Relation;
  /** Durations in us, rates a second, sizes in bytes, shares 0..1. */
  readonly bound: number;
}

/** A promise about head against base. */
export interface RelativeGate {
  readonly is: 'relative';
  readonly text: string;
  readonly metric: MetricName;
  /** Worse by this share of the base or more is a regression: 0.1 is 10 %. */
  readonly byShare: number;
}

export type Gate = AbsoluteGate | RelativeGate;

/** So many relative gates share one rate of false alarms (Holm); with more, a pull request would need ever more forks. */
export const maxRelativeGates = 4;

export const tooManyRelative =
  `more than ${maxRelativeGates} gates compare with base; all of them together are held to one rate of false alarms ` +
  '(Holm), and each more would hide larger regressions: keep the most telling';

export function relativeGates(gates: readonly Gate[]): RelativeGate[] {
  return gates.filter((gate) => gate.is === 'relative');
}

export function holds(value: number, comparison: Relation, bound: number): boolean {
  switch (comparison) {
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    case '=':
      return value === bound;
  }
}
