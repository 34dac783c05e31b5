/** Owns which metrics a comparison has rows for, and which gates they decide. */

import type { RelativeGate } from '../../core/gates/gate.js';
import { type MetricName, metricNames, metrics } from '../../core/measure/metrics.js';
import type { Load } from '../../core/scenario.js';
import type { Breadth } from './comparison.js';

export interface Question {
  readonly metric: MetricName;
  /** Undefined: exploratory. */
  readonly gate?: RelativeGate | undefined;
  /** Least effect of interest, as a share. */
  readonly leastShare: number;
}

/** At a given rate throughput is what was asked for, so it comes last there; without messages there is only memory. */
const usual: Readonly<Record<Load['model'], readonly MetricName[]>> = {
  closed: ['throughput', 'cpuPerDelivery', 'p50', 'p99'],
  open: ['cpuPerDelivery', 'p50', 'p99', 'throughput'],
  none: ['rss'],
};

/** A question a gate, and one for each other metric that is usual under this load. A gate brings its own least effect. */
export function questionsFor(load: Load, gates: readonly RelativeGate[], breadth: Breadth, factor = 1): Question[] {
  const named = new Set([...usual[load.model], ...gates.map(({ metric }) => metric)]);
  const all = breadth === 'all' ? new Set([...named, ...metricNames]) : named;
  return [...all].flatMap((metric): Question[] => {
    const own = gates.filter((gate) => gate.metric === metric);
    if (own.length === 0) return [{ metric, leastShare: factor * metrics[metric].leastShare }];
    return own.map((gate) => ({ metric, gate, leastShare: gate.byShare }));
  });
}
