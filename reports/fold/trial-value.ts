/** What one trial says of a figure; in a quantile, messages that were never answered rank above all others. */

import { commonFigures } from '../../core/measure/figures.js';
import { type QuantileName, quantiles } from '../../core/measure/latency.js';
import { type HistogramName, type TrialFigureName, trialFigure } from '../../core/measure/trial-figure.js';
import { latencyOf, quantileIn, type ReadTrial } from '../results/read-trial.js';

export interface TrialValue {
  readonly value: number;
  /** A lower bound. */
  readonly atLeast: boolean;
}

/** @returns undefined where the trial has none. A quantile of nothing is none. */
export function trialValue(trial: ReadTrial, name: TrialFigureName): TrialValue | undefined {
  const [histogram = '', quantile = ''] = name.split('.');
  if (isHistogram(histogram) && isQuantile(quantile)) {
    const latency = latencyOf(trial, histogram);
    if (latency === undefined || latency.count + latency.unanswered === 0) return undefined;
    const { us, atLeast } = quantileIn(latency, quantile);
    return { value: us, atLeast };
  }
  const value = trialFigure(trial, name);
  return value === undefined ? undefined : { value, atLeast: false };
}

function isHistogram(name: string): name is HistogramName {
  return Object.hasOwn(commonFigures, name) && commonFigures[name as keyof typeof commonFigures].fold === 'histogram';
}

function isQuantile(name: string): name is QuantileName {
  return Object.hasOwn(quantiles, name);
}
