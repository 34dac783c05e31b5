/**
 * The latency of one row: histograms of all trials merged, quantiles taken from the merged one and never averaged.
 *
 * Messages still unanswered at the end of the drain are censored: they rank above everything recorded. A quantile that
 * falls among them is unknown, but not below the highest recorded value, nor below the length of the drain, for which
 * every one of them had been waited for.
 */

import { Histogram, highestUs } from '../../core/measure/histogram.js';
import { decodeHistogram, encodeHistogram } from '../../core/measure/histogram-encoding.js';
import { firmTailCount, type QuantileName, quantiles } from '../../core/measure/latency.js';
import { figureOf, intervalOf, isNarrow } from './figure.js';

/** A duration, or a lower bound of it. */
export interface Duration {
  readonly us: number;
  /** True: the value is at least `us`, because messages were unanswered. */
  readonly atLeast: boolean;
}

export interface QuantileFigure extends Duration {
  /** 0..1. */
  readonly q: number;
  /**
   * Enough messages were sent for this quantile to stand on more than a few outliers (docs: sends x (1 - q) >= 100). Where
   * a message has many receivers, its deliveries depend on each other, and the quantiles of the trials must agree instead.
   */
  readonly firm: boolean;
  /** Messages that would have to be sent for it to be firm, where their number decides. */
  readonly sendsNeeded?: number;
  /** The same quantile of the single trials: lowest and highest. */
  readonly lowest: Duration;
  readonly highest: Duration;
}

/** `firm` is true for the lowest and the highest: they are facts, if not reproducible ones. */
export type SpectrumPoint = Duration & Pick<QuantileFigure, 'q' | 'firm'>;

export interface Latency {
  /** Deliveries recorded in all trials. */
  readonly count: number;
  /** Deliveries owed and not received when the drain ended. */
  readonly unanswered: number;
  /** Messages sent in the measured windows; what decides whether a quantile is firm. */
  readonly sent: number;
  readonly quantiles: Readonly<Record<QuantileName, QuantileFigure>>;
  readonly max: Duration;
  readonly mean: Duration;
  /** Values above the range of the histogram, recorded as its highest. */
  readonly clamped: number;
  /** From the lowest (q = 0) to the highest (q = 1), evenly on a scale of 1 / (1 - q), for drawing. */
  readonly spectrum: readonly SpectrumPoint[];
  /** HdrHistogram V2 compressed encoding of the merged histogram, base64; without the unanswered. */
  readonly histogram: string;
}

/** The latency of one trial, as a result file has it. */
export interface LatencySample {
  readonly histogram: string;
  readonly clamped: number;
  /** Values recorded. */
  readonly count: number;
  readonly sent: number;
  readonly unanswered: number;
  /** For how long an unanswered message had been waited for at least. */
  readonly drainUs: number;
}

/**
 * @param samples at least one, histograms already checked by the reader.
 * @param firmBy what decides whether a quantile is firm.
 */
export function mergeLatency(samples: readonly LatencySample[], firmBy: 'sends' | 'trials'): Latency {
  const total = (key: 'clamped' | 'sent' | 'unanswered') => samples.reduce((sum, sample) => sum + sample[key], 0);
  const sent = total('sent');
  const recorded = new Histogram();
  // A file may hold thousands of trials: their histograms are not kept.
  const singles = samples.map((sample) => {
    const own = { ...sample, recorded: decodeHistogram(sample.histogram) };
    recorded.add(own.recorded);
    return new Map<number, Duration>(
      [...spectrumPoints, ...Object.values(quantiles)].map((q) => [q, quantileOf(own, q)]),
    );
  });
  const drainUs = Math.min(...samples.map((sample) => sample.drainUs));
  const merged = { recorded, unanswered: total('unanswered'), drainUs };
  const valuesAt = (q: number): Duration[] => singles.flatMap((single) => single.get(q) ?? []);
  const point = (q: number): SpectrumPoint => ({
    q,
    ...quantileOf(merged, q),
    firm: q === 0 || q === 1 || (firmBy === 'sends' ? sent >= sendsNeeded(q) : agree(valuesAt(q))),
  });
  const figure = (q: number): QuantileFigure => {
    const values = valuesAt(q);
    const lowest = values.reduce((known, value) => (value.us < known.us ? value : known));
    const highest = values.reduce((known, value) => (value.us > known.us ? value : known));
    return { ...point(q), ...(firmBy === 'sends' && { sendsNeeded: sendsNeeded(q) }), lowest, highest };
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

/** For a quantile to be firm. Rounded, because 1 - 0.9 is a little less than 0.1. */
export function sendsNeeded(q: number): number {
  return Math.round(firmTailCount / (1 - q));
}

/** Quantiles of the single trials are near to each other; one that is a lower bound is near to none. */
function agree(values: readonly Duration[]): boolean {
  if (values.some(({ atLeast }) => atLeast)) return false;
  const all = values.map(({ us }) => us);
  const median = figureOf(all)?.median;
  return median !== undefined && isNarrow(intervalOf(all), median);
}

const spectrumPoints = [0, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999, 0.999999];

/** 0, 50, 75, 90, 95, 99 and then a nine more each time, as far as there is a message for; always ends at 100 %. */
function spectrumPercentiles(messages: number): number[] {
  return [...spectrumPoints.filter((q) => q === 0 || messages * (1 - q) > 0.999), 1];
}

/** Recorded values with the unanswered above them, each of which had been waited for at least so long. */
interface Ranking {
  readonly recorded: Histogram;
  readonly unanswered: number;
  readonly drainUs: number;
}

export function quantileOf({ recorded, unanswered, drainUs }: Ranking, q: number): Duration {
  const us = recorded.quantile(q, unanswered);
  const atLeast = us === Number.POSITIVE_INFINITY;
  return { us: Math.min(highestUs, atLeast ? Math.max(recorded.max, drainUs) : us), atLeast };
}

function meanOf({ recorded: { count, mean }, unanswered, drainUs }: Ranking): Duration {
  const total = count + unanswered;
  const us = total === 0 ? 0 : (count / total) * mean + (unanswered / total) * drainUs;
  return { us, atLeast: unanswered > 0 };
}
