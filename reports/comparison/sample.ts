/** What a trial or a fork contributes to a comparison: its figure, and the ratio of head to base in a fork. */

import type { Kind } from '../../core/kind.js';
import { type QuantileName, quantiles } from '../../core/measure/latency.js';
import { isQuantile, type MetricName, metrics } from '../../core/measure/metrics.js';
import { trialFigure } from '../../core/measure/trial-figure.js';
import type { ForkWindow } from '../../core/result.js';
import { signedRank } from '../../core/statistics/rank-tests.js';
import { figureOf } from '../fold/figure.js';
import { isFirm } from '../fold/latency.js';
import { groupBy } from '../group-by.js';
import { quantileIn, type ReadTrial } from '../results/read-trial.js';
import type { ComparedFigure, Mark } from './comparison.js';

/** Less is 0, whatever the unit; it keeps ratios of hostile figures finite. */
const leastValue = 1e-9;

export interface Sample {
  /** Above 0 and finite, so that it has a logarithm. */
  readonly value: number;
  /** A lower bound, because messages were unanswered. */
  readonly atLeast?: boolean;
  /** Of a quantile: which, and what decides whether it is firm. */
  readonly quantile?: { readonly kind: Kind; readonly q: number; readonly sent: number };
}

/** @returns undefined where the trial has no such figure, or one of 0. */
export function sampleOf(trial: ReadTrial, metric: MetricName): Sample | undefined {
  const sample: Sample = isQuantile(metric)
    ? quantileSample(trial, metric)
    : { value: trialFigure(trial, metrics[metric].figure) ?? 0 };
  return sample.value >= leastValue && Number.isFinite(sample.value) ? sample : undefined;
}

/** Unanswered messages rank above all others: a quantile among them is no less than the drain that waited for them. */
function quantileSample({ kind, measured, latencyUs: { response, service } }: ReadTrial, metric: QuantileName): Sample {
  const { us, atLeast } = quantileIn(response ?? service, metric);
  return { value: us, atLeast, quantile: { kind, q: quantiles[metric], sent: measured.sent } };
}

/** @returns undefined when there is no sample. One lower bound makes it one. */
export function comparedFigure(samples: readonly Sample[]): ComparedFigure | undefined {
  const values = samples.map(({ value }) => value);
  const figure = figureOf(values);
  if (figure === undefined) return undefined;
  const mark = markOf(samples);
  return mark === undefined ? figure : { ...figure, mark };
}

function markOf(samples: readonly Sample[]): Mark | undefined {
  if (samples.some(({ atLeast }) => atLeast)) return 'at least';
  const [first] = samples.flatMap(({ quantile }) => quantile ?? []);
  if (first === undefined) return undefined;
  const sent = samples.reduce((sum, { quantile }) => sum + (quantile?.sent ?? 0), 0);
  const values = samples.map(({ value }) => ({ us: value, atLeast: false }));
  return isFirm(first.kind, first.q, sent, values) ? undefined : 'not firm';
}

/** Beyond this a window was empty on one side, or the file is not ours. */
const maxLnRatio = 50;

/** A pair of fresh servers between which the load alternated; both sides valid. */
export interface Fork {
  readonly base: ReadTrial;
  readonly head: ReadTrial;
}

/** The valid forks in order. A fork counts only if both of its sides are valid. */
export function validForks(trials: readonly ReadTrial[]): Fork[] {
  const valid = groupBy(
    trials.filter((trial) => trial.valid && trial.fork !== undefined),
    ({ block }) => block,
  );
  return [...valid].toSorted(([a], [b]) => a - b).flatMap(([, lines]) => wholeOf(lines));
}

/** At most one: a fork that was repeated although it was good is still one fork. */
function wholeOf(lines: readonly ReadTrial[]): Fork[] {
  const attempts = groupBy(lines, ({ attempt }) => attempt);
  return [...attempts.values()]
    .flatMap((sides) => {
      const [base, head] = (['base', 'head'] as const).map((side) => sides.findLast(({ fork }) => fork?.side === side));
      return base !== undefined && head !== undefined ? [{ base, head }] : [];
    })
    .slice(0, 1);
}

/** ln(head / base) of each valid fork that has the figure on both sides; never NaN nor infinite. */
export function forkRatios(trials: readonly ReadTrial[], metric: MetricName): number[] {
  return validForks(trials).flatMap((fork) => forkRatio(fork, metric) ?? []);
}

/**
 * Rates and CPU per delivery: over windows, those of the same number being neighbours in time, their pseudo-median
 * (Hodges & Lehmann 1963): a few spoilt windows move it as little as the median, and the good ones count for more.
 * Latency and memory, which a window has too little of: from the figures of both sides.
 *
 * @returns undefined where one is missing.
 */
export function forkRatio({ base, head }: Fork, metric: MetricName): number | undefined {
  const [from, to] = [sampleOf(base, metric), sampleOf(head, metric)];
  if (from === undefined || to === undefined) return undefined;
  const read = ofWindow[metric];
  if (read === undefined) return Math.log(to.value / from.value);
  const windows = base.fork?.windows.flatMap((window, i) => {
    const other = head.fork?.windows[i];
    const ratio = other === undefined ? Number.NaN : Math.log(read(other) / read(window));
    return Math.abs(ratio) <= maxLnRatio ? [ratio] : [];
  });
  return windows && windows.length > 0 ? signedRank(windows).estimate : undefined;
}

const ofWindow: Partial<Record<MetricName, (window: ForkWindow) => number>> = {
  throughput: ({ delivered, seconds }) => delivered / seconds,
  cpuPerDelivery: ({ serverCpuUs, delivered }) => serverCpuUs / delivered,
};
