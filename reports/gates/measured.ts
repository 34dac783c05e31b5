/** Owns the figure of a row that an absolute gate is held against, with what must be known about it. */

import { type GateMetricName, gateMetrics } from '../../core/gates/gate.js';
import { formatBytes, formatDuration, formatRate } from '../../core/units.js';
import type { Figure } from '../fold/figure.js';
import type { Duration, QuantileName } from '../fold/latency.js';
import type { MeasuredRow } from '../fold/row.js';
import { countText, durationText, figureText, rangeText, shareText } from '../wording/figure-text.js';

export interface Measured {
  /** In the base unit of the gate's bound. */
  readonly value: number;
  /** True: a lower bound, because messages were unanswered. */
  readonly atLeast: boolean;
  /** `response p99 is 3.20 ms`. */
  readonly text: string;
  /** Ends of a sentence. */
  readonly warnings: readonly string[];
}

/** @returns undefined when the row has no such figure. */
export function measuredFigure(row: MeasuredRow, metric: GateMetricName): Measured | undefined {
  switch (metric) {
    case 'p50':
    case 'p90':
    case 'p99':
    case 'p999':
      return quantile(row, metric);
    case 'max':
      return highest(row);
    case 'throughput':
      return median(row, metric, row.deliveredPerSecond, formatRate);
    case 'cpuPerDelivery':
      return median(row, metric, costOfDelivery(row), formatDuration);
    case 'rss':
      return median(row, metric, row.server?.rssBytes, formatBytes);
    case 'delivered':
      return delivered(row);
    case 'errors':
      return count(
        metric,
        Object.values(row.counts.errors).reduce((sum, n) => sum + n, 0),
      );
    default:
      return count(metric, row.counts[metric]);
  }
}

/** Response time where there is a schedule to be late against, else service time. */
function latencyOf({ response, service }: MeasuredRow) {
  const latency = response ?? service;
  if (latency.count + latency.unanswered === 0) return undefined;
  return { latency, kind: response ? 'response' : 'service' };
}

function quantile(row: MeasuredRow, name: QuantileName): Measured | undefined {
  const found = latencyOf(row);
  if (found === undefined) return undefined;
  const { latency, kind } = found;
  const figure = latency.quantiles[name];
  const range = row.trialsUsed > 1 ? ` (single trials ${rangeText(figure)})` : '';
  const { label } = gateMetrics[name];
  const few = `not firm: ${countText(latency.sent)} of the ${countText(figure.sendsNeeded)} messages that a firm ${label} needs`;
  return {
    ...bound(figure, latency.unanswered, `${kind} ${label}`, range),
    warnings: figure.firm ? [] : [few],
  };
}

function highest(row: MeasuredRow): Measured | undefined {
  const found = latencyOf(row);
  if (found === undefined) return undefined;
  const { latency, kind } = found;
  return { ...bound(latency.max, latency.unanswered, `the highest ${kind} time`, ''), warnings: [] };
}

function bound(duration: Duration, unanswered: number, label: string, range: string) {
  const why = duration.atLeast ? `, because ${countText(unanswered)} deliveries never came` : '';
  return {
    value: duration.us,
    atLeast: duration.atLeast,
    text: `${label} is ${durationText(duration)}${range}${why}`,
  };
}

function median(
  { trialsUsed }: MeasuredRow,
  metric: GateMetricName,
  figure: Figure | undefined,
  write: (value: number) => string,
): Measured | undefined {
  if (figure === undefined) return undefined;
  const text = `${gateMetrics[metric].label} is ${figureText(figure, write, trialsUsed)}`;
  return { value: figure.median, atLeast: false, text, warnings: [] };
}

/** Nought is what a trial without deliveries has: nothing, and not a low cost. */
function costOfDelivery({ server }: MeasuredRow): Figure | undefined {
  return server && server.cpuUsPerDelivery.median > 0 ? server.cpuUsPerDelivery : undefined;
}

/** Over whole trials, warm-up included, as the counts are: what is lost there is lost. */
function delivered({ counts }: MeasuredRow): Measured | undefined {
  if (counts.owed === 0) return undefined;
  const of = `${countText(counts.delivered)} of ${countText(counts.owed)}`;
  const text = `${gateMetrics.delivered.label} is ${shareText(counts.delivered, counts.owed)} (${of})`;
  return { value: counts.delivered / counts.owed, atLeast: false, text, warnings: [] };
}

function count(metric: GateMetricName, value: number): Measured {
  return { value, atLeast: false, text: `${gateMetrics[metric].label} is ${countText(value)}`, warnings: [] };
}
