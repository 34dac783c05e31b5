/** The one figure that a trial, or one side of a fork, contributes to a comparison, and the figure of all of a side. */

import { trialFigure } from '../../core/measure/figures.js';
import { highestUs } from '../../core/measure/histogram.js';
import { decodeHistogram } from '../../core/measure/histogram-encoding.js';
import { type MetricName, metrics } from '../../core/measure/metrics.js';
import { firmTailCount, quantiles, type TrialLine } from '../../core/result.js';
import { figureOf } from '../fold/figure.js';
import type { ComparedFigure, Mark } from './comparison.js';

/** Less is 0, whatever the unit; it keeps ratios of hostile figures finite. */
const leastValue = 1e-9;

export interface Sample {
  /** Above 0 and finite, so that it has a logarithm. */
  readonly value: number;
  readonly mark?: Mark | undefined;
}

/** @returns undefined where the trial has no such figure, or one of 0. */
export function sampleOf(trial: TrialLine, metric: MetricName): Sample | undefined {
  const sample: Sample = isQuantile(metric)
    ? quantileOf(trial, metric)
    : { value: trialFigure(trial, metrics[metric].figure) ?? 0 };
  return sample.value >= leastValue && Number.isFinite(sample.value) ? sample : undefined;
}

type QuantileName = keyof typeof quantiles;

function isQuantile(metric: MetricName): metric is QuantileName {
  return Object.hasOwn(quantiles, metric);
}

/** Unanswered messages rank above all others: a quantile among them is no less than the drain that waited for them. */
function quantileOf(trial: TrialLine, metric: QuantileName): Sample {
  const { measured, latencyUs, workload } = trial;
  const q = quantiles[metric];
  const recorded = latencyUs.response ?? latencyUs.service;
  // Rounded, because 1 - 0.9 is a little less than 0.1.
  const mark = measured.sent < Math.round(firmTailCount / (1 - q)) ? 'not firm' : undefined;
  const unanswered = Math.max(0, measured.owed - measured.delivered);
  if (unanswered === 0) return { value: recorded[metric], mark };
  const histogram = decodeHistogram(recorded.histogram);
  const us = histogram.quantile(q, unanswered);
  if (us !== Number.POSITIVE_INFINITY) return { value: us, mark };
  return { value: Math.min(highestUs, Math.max(histogram.max, 1000 * workload.phases.drainMs)), mark: 'at least' };
}

/** @returns undefined when there is no sample. The mark of a single sample is that of the figure. */
export function comparedFigure(samples: readonly Sample[]): ComparedFigure | undefined {
  const figure = figureOf(samples.map(({ value }) => value));
  if (figure === undefined) return undefined;
  const marks = samples.map(({ mark }) => mark);
  const mark = (['at least', 'not firm'] as const).find((one) => marks.includes(one));
  return mark === undefined ? figure : { ...figure, mark };
}
