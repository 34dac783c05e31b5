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

/** A duration, or a lower bound of it. */
export interface Duration {
  readonly us: number;
  /** True: the value is at least `us`, because messages were unanswered. */
  readonly atLeast: boolean;
}

export interface QuantileFigure extends Duration {
  /** 0..1. */
  readonly q: number;
  /** Enough messages were sent for this quantile to stand on more than a few outliers (docs: sends x (1 - q) >= 100). */
  readonly firm: boolean;
  /** Messages that would have to be sent for it to be firm. */
  readonly sendsNeeded: number;
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
  readonly sent: number;
  readonly unanswered: number;
  /** For how long an unanswered message had been waited for at least. */
  readonly drainUs: number;
}

/** @param samples at least one, histograms already checked by the reader. */
export function mergeLatency(samples: readonly LatencySample[]): Latency {
  const merged = new Ranking();
  const singles: Readonly<Record<QuantileName, Duration>>[] = [];
  let clamped = 0;
  let sent = 0;
  for (const sample of samples) {
    clamped += sample.clamped;
    sent += sample.sent;
    const own = new Ranking();
    own.add(decodeHistogram(sample.histogram), sample.unanswered, sample.drainUs);
    merged.add(own.recorded, own.unanswered, own.drainUs);
    singles.push(quantilesOf((q) => own.quantile(q)));
  }
  const figure = (q: number, name: QuantileName): QuantileFigure => {
    const needed = sendsNeeded(q);
    const values = singles.map((trial) => trial[name]);
    const lowest = values.reduce((known, value) => (value.us < known.us ? value : known));
    const highest = values.reduce((known, value) => (value.us > known.us ? value : known));
    return { q, ...merged.quantile(q), firm: sent >= needed, sendsNeeded: needed, lowest, highest };
  };
  const point = (q: number): SpectrumPoint => ({
    q,
    ...merged.quantile(q),
    firm: q === 0 || q === 1 || sent >= sendsNeeded(q),
  });
  return {
    count: merged.recorded.count,
    unanswered: merged.unanswered,
    sent,
    quantiles: quantilesOf(figure),
    max: merged.quantile(1),
    mean: merged.mean(),
    clamped,
    spectrum: spectrumPercentiles(merged.recorded.count + merged.unanswered).map(point),
    histogram: encodeHistogram(merged.recorded),
  };
}

function quantilesOf<T>(figureAt: (q: number, name: QuantileName) => T): Record<QuantileName, T> {
  const { p50, p90, p99, p999 } = quantiles;
  return {
    p50: figureAt(p50, 'p50'),
    p90: figureAt(p90, 'p90'),
    p99: figureAt(p99, 'p99'),
    p999: figureAt(p999, 'p999'),
  };
}

/** Rounded, because 1 - 0.9 is a little less than 0.1. */
function sendsNeeded(q: number): number {
  return Math.round(firmTailCount / (1 - q));
}

/** 0, 50, 75, 90, 95, 99 and then a nine more each time, as far as there is a message for; always ends at 100 %. */
function spectrumPercentiles(messages: number): number[] {
  const percentiles = [0, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999, 0.999999];
  return [...percentiles.filter((q) => q === 0 || messages * (1 - q) > 0.999), 1];
}

/** Recorded values with the unanswered above them. */
class Ranking {
  readonly recorded = new Histogram();
  unanswered = 0;
  drainUs = Number.POSITIVE_INFINITY;

  add(recorded: Histogram, unanswered: number, drainUs: number): void {
    this.recorded.add(recorded);
    this.unanswered += unanswered;
    this.drainUs = Math.min(this.drainUs, drainUs);
  }

  quantile(q: number): Duration {
    const us = this.recorded.quantile(q, this.unanswered);
    const atLeast = us === Number.POSITIVE_INFINITY;
    return { us: Math.min(highestUs, atLeast ? Math.max(this.recorded.max, this.drainUs) : us), atLeast };
  }

  mean(): Duration {
    const { count, mean } = this.recorded;
    const total = count + this.unanswered;
    const us = total === 0 ? 0 : (count / total) * mean + (this.unanswered / total) * this.drainUs;
    return { us, atLeast: this.unanswered > 0 };
  }
}
