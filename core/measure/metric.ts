/**
 * Owns what two versions of a server are compared by: how each metric is read from a trial, which direction is better
 * and the least change that is worth a word.
 */

import type { TrialLine } from '../result.js';

interface MetricRule {
  /** For tables and sentences. */
  readonly label: string;
  /** What the values are in. */
  readonly unit: '/s' | 'us' | 'B';
  readonly better: 'higher' | 'lower';
  /** Minimum effect of interest, as a share, between forks of one job; between jobs it is twice that. */
  readonly leastShare: number;
  /** Undefined where the trial has no such figure. */
  readonly of: (trial: TrialLine) => number | undefined;
}

/** Response time where there is a schedule to be late against, else service time. */
function latencyOf({ latencyUs }: TrialLine) {
  return latencyUs.response ?? latencyUs.service;
}

export const metrics = {
  throughput: {
    label: 'throughput',
    unit: '/s',
    better: 'higher',
    leastShare: 0.03,
    of: (trial) => trial.deliveredPerSecond,
  },
  cpuPerDelivery: {
    label: 'CPU per delivery',
    unit: 'us',
    better: 'lower',
    leastShare: 0.03,
    of: (trial) => trial.server?.cpuUsPerDelivery,
  },
  p50: { label: 'p50', unit: 'us', better: 'lower', leastShare: 0.05, of: (trial) => latencyOf(trial).p50 },
  p90: { label: 'p90', unit: 'us', better: 'lower', leastShare: 0.1, of: (trial) => latencyOf(trial).p90 },
  p99: { label: 'p99', unit: 'us', better: 'lower', leastShare: 0.1, of: (trial) => latencyOf(trial).p99 },
  p999: { label: 'p99.9', unit: 'us', better: 'lower', leastShare: 0.2, of: (trial) => latencyOf(trial).p999 },
  rss: { label: 'server RSS', unit: 'B', better: 'lower', leastShare: 0.05, of: (trial) => trial.server?.rssBytes },
} as const satisfies Record<string, MetricRule>;

export type MetricName = keyof typeof metrics;

export const metricNames = Object.keys(metrics) as MetricName[];
