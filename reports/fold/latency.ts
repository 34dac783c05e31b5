/**
 * The latency of one row: histograms of all trials merged, quantiles taken from the merged one and never averaged.
 * Messages still unanswered at the end of the drain rank above everything recorded.
 */

import { z } from 'zod';
import { isShared, type Kind } from '../../core/kind.js';
import { encodeHistogram } from '../../core/measure/histogram-encoding.js';
import { firmTailCount, type QuantileName, quantiles } from '../../core/measure/latency.js';
import type { Stored } from '../../core/stored-value.js';
import {
  type Duration,
  durationSchema,
  keptQuantiles,
  quantileOf,
  type Ranking,
  rankedAt,
  type TrialLatency,
} from '../results/read-trial.js';
import { figureOf, intervalOf, isNarrow } from './figure.js';

const spectrumPointSchema = durationSchema.extend({
  q: z.number().min(0).max(1).describe('Share of the values that are no higher.'),
  firm: z
    .boolean()
    .describe(
      'Enough stands behind it: messages sent x (1 - q) >= 100; where a message has many receivers, whose deliveries ' +
        'depend on each other, quantiles of the trials that agree. The lowest and the highest are facts.',
    ),
});
export type SpectrumPoint = Stored<typeof spectrumPointSchema>;

const quantileFigureSchema = spectrumPointSchema
  .extend({
    sendsNeeded: z.number().optional().describe('Messages that it takes to be firm, where their number decides.'),
    lowest: durationSchema.describe('The same quantile of the single trials: the lowest.'),
    highest: durationSchema.describe('The same quantile of the single trials: the highest.'),
  })
  .meta({ id: 'quantile' });
export type QuantileFigure = Stored<typeof quantileFigureSchema>;

const quantilesSchema = z.object(
  Object.fromEntries(Object.keys(quantiles).map((name) => [name, quantileFigureSchema])) as Record<
    QuantileName,
    typeof quantileFigureSchema
  >,
);

export const latencySchema = z
  .object({
    count: z.number().min(0).describe('Deliveries recorded in all trials.'),
    unanswered: z.number().min(0).describe('Deliveries owed and not received when the drain ended.'),
    sent: z.number().min(0).describe('Messages sent in the measured windows.'),
    quantiles: quantilesSchema,
    max: durationSchema,
    mean: durationSchema,
    clamped: z.number().min(0).describe('Values above the range of the histogram, recorded as its highest.'),
    spectrum: z
      .array(spectrumPointSchema)
      .describe('From the lowest (q = 0) to the highest (q = 1), evenly on a scale of 1 / (1 - q).'),
    histogram: z
      .string()
      .describe('HdrHistogram V2 compressed encoding of all trials together, base64; without the unanswered.'),
  })
  .meta({ id: 'latency', description: 'In us; the histograms of all trials merged.' });
export type Latency = Stored<typeof latencySchema>;

/**
 * @param trials at least one; all valid trials of one row, whose histograms have been added up.
 * @param kind of their workload, which says what makes a quantile firm.
 */
export function mergeLatency(trials: readonly TrialLatency[], kind: Kind): Latency {
  const total = (key: 'clamped' | 'sent' | 'unanswered') => trials.reduce((sum, trial) => sum + trial[key], 0);
  const sent = total('sent');
  const sum = trials[0]?.sum;
  if (sum?.parts !== trials.length || trials.some((trial) => trial.sum !== sum))
    throw new Error('a row is folded from all of its valid trials or from none');
  const recorded = sum.decoded();
  const drainUs = Math.min(...trials.map((trial) => trial.drainUs));
  const merged = { recorded, unanswered: total('unanswered'), drainUs };
  const valuesAt = (q: number): Duration[] => trials.map((trial) => rankedAt(trial, q));
  const point = (q: number): SpectrumPoint => ({
    q,
    ...quantileOf(merged, q),
    firm: q === 0 || q === 1 || isFirm(kind, q, sent, valuesAt(q)),
  });
  const figure = (q: number): QuantileFigure => {
    const values = valuesAt(q);
    const lowest = values.reduce((known, value) => (value.us < known.us ? value : known));
    const highest = values.reduce((known, value) => (value.us > known.us ? value : known));
    return { ...point(q), ...(!isShared(kind) && { sendsNeeded: sendsNeeded(q) }), lowest, highest };
  };
  const { p50, p90, p95, p99, p999 } = quantiles;
  return {
    count: recorded.count,
    unanswered: merged.unanswered,
    sent,
    quantiles: { p50: figure(p50), p90: figure(p90), p95: figure(p95), p99: figure(p99), p999: figure(p999) },
    max: quantileOf(merged, 1),
    mean: meanOf(merged),
    clamped: total('clamped'),
    spectrum: spectrumPercentiles(recorded.count + merged.unanswered).map(point),
    histogram: encodeHistogram(recorded),
  };
}

/** For a quantile of a kind with one receiver to be firm. Rounded, because 1 - 0.9 is a little less than 0.1. */
function sendsNeeded(q: number): number {
  return Math.round(firmTailCount / (1 - q));
}

/**
 * Whether a quantile stands on enough. Deliveries of one message are correlated: where it has many, the quantiles of the
 * trials have to be near to each other; one that is a lower bound is near to none.
 *
 * @param sent of all trials together. @param values the quantile of each trial.
 */
export function isFirm(kind: Kind, q: number, sent: number, values: readonly Duration[]): boolean {
  if (!isShared(kind)) return sent >= sendsNeeded(q);
  if (values.some(({ atLeast }) => atLeast)) return false;
  const all = values.map(({ us }) => us);
  const median = figureOf(all)?.median;
  return median !== undefined && isNarrow(intervalOf(all), median);
}

/** 0, 50, 75, 90, 95, 99 and then a nine more each time, as far as there is a message for; always ends at 100 %. */
function spectrumPercentiles(messages: number): number[] {
  return [...keptQuantiles.filter((q) => q === 0 || messages * (1 - q) > 0.999), 1];
}

function meanOf({ recorded: { count, mean }, unanswered, drainUs }: Ranking): Duration {
  const total = count + unanswered;
  const us = total === 0 ? 0 : (count / total) * mean + (unanswered / total) * drainUs;
  return { us, atLeast: unanswered > 0 };
}
