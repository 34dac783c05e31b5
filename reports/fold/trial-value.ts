/** What one trial says of a figure; in a quantile, messages that were never answered rank above all others. */

import { commonFigures, valueAt } from '../../core/measure/figures.js';
import { decodeHistogram } from '../../core/measure/histogram-encoding.js';
import type { LatencySummary } from '../../core/measure/latency.js';
import { quantiles } from '../../core/measure/latency.js';
import { type HistogramName, type TrialFigureName, trialFigure } from '../../core/measure/trial-figure.js';
import type { TrialLine } from '../../core/result.js';
import { type LatencySample, quantileOf } from './latency.js';

export interface TrialValue {
  readonly value: number;
  /** A lower bound. */
  readonly atLeast: boolean;
}

/** @returns undefined where the trial has none. A quantile of nothing is none. */
export function trialValue(trial: TrialLine, name: TrialFigureName): TrialValue | undefined {
  const [histogram = '', quantile = ''] = name.split('.');
  const q = new Map<string, number>(Object.entries(quantiles)).get(quantile);
  if (isHistogram(histogram) && q !== undefined) {
    const sample = latencySample(trial, histogram);
    if (sample === undefined || sample.count + sample.unanswered === 0) return undefined;
    // Files of earlier versions have no p95 beside the histogram.
    if (sample.unanswered > 0 || trialFigure(trial, name) === undefined) {
      const { us, atLeast } = quantileOf({ ...sample, recorded: decodeHistogram(sample.histogram) }, q);
      return { value: us, atLeast };
    }
  }
  const value = trialFigure(trial, name);
  return value === undefined ? undefined : { value, atLeast: false };
}

function isHistogram(name: string): name is HistogramName {
  return Object.hasOwn(commonFigures, name) && commonFigures[name as keyof typeof commonFigures].fold === 'histogram';
}

/** @returns undefined where the trial has no such latency: a closed loop has no response time. */
export function latencySample(trial: TrialLine, name: HistogramName): LatencySample | undefined {
  const entry: { readonly at: string; readonly ofMessages?: true } = commonFigures[name];
  const summary = valueAt(trial, entry.at) as LatencySummary | null | undefined;
  if (!summary) return undefined;
  const { histogram, clamped, count } = summary;
  const drainUs = trial.workload.phases.drainMs * 1000;
  const { sent, owed, delivered } = trial.measured;
  const missing = Math.max(0, owed - delivered);
  if (entry.ofMessages === undefined) return { histogram, clamped, count, sent, unanswered: missing, drainUs };
  // A message that a receiver never had never reached its last one. There are no more of them than deliveries
  // missing: a message may also be absent from the histogram because too many were sent to follow each.
  const unanswered = Math.min(Math.max(0, sent - count), missing);
  return { histogram, clamped, count, sent: count + unanswered, unanswered, drainUs };
}
