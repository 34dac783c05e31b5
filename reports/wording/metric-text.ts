/** Owns how values of a metric, and changes of them, are written. */

import { type MetricName, metrics } from '../../core/measure/metric.js';
import { formatBytes, formatDuration, formatRate } from '../../core/units.js';
import { nothing, percentText } from './figure-text.js';

const writers = { '/s': formatRate, us: formatDuration, B: formatBytes } as const;

/** `12,345/s`, `1.24 ms`, `60.2 MiB`. */
export function metricText(metric: MetricName, value: number): string {
  return writers[metrics[metric].unit](value);
}

/** A share as a signed percentage: `+3.2 %`, `-12 %`. */
export function changeText(share: number | undefined): string {
  if (share === undefined) return nothing;
  return `${share > 0 ? '+' : ''}${percentText(100 * share)}`;
}
