/**
 * A trial as reports use it: a line of a result file with the quantiles of its latencies in place of their histograms,
 * which are added up by row, because those of all trials may not fit into memory.
 *
 * In a quantile, messages still unanswered at the end of the drain rank above everything recorded. One that falls among
 * them is unknown, but not below the highest recorded value, nor below the length of the drain, for which every one of
 * them had been waited for.
 */

import { z } from 'zod';
import { commonFigures, valueAt } from '../../core/measure/figures.js';
import { Histogram, highestUs } from '../../core/measure/histogram.js';
import { decodeHistogram } from '../../core/measure/histogram-encoding.js';
import { type LatencySummary, type QuantileName, quantiles } from '../../core/measure/latency.js';
import type { HistogramName } from '../../core/measure/trial-figure.js';
import type { TrialLine } from '../../core/result.js';
import type { Stored } from '../../core/stored-value.js';
import { workloadKey } from '../../core/workload/workload-fields.js';
import { type HistogramSum, HistogramSums } from './histogram-sums.js';

export const durationSchema = z.object({
  us: z.number().min(0),
  atLeast: z.boolean().describe('The value is at least this, because messages were unanswered.'),
});
/** A duration, or a lower bound of it. */
export type Duration = Stored<typeof durationSchema>;

/** Those of a single trial that reports need, in order. */
export const keptQuantiles = [0, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999, 0.999999];

type Wait = NonNullable<TrialLine['receiveWaitUs']>;
type Times = Pick<LatencySummary, 'p50' | 'p99' | 'max'>;

/** A latency of one trial. */
export interface TrialLatency extends Pick<LatencySummary, 'count' | 'max' | 'clamped' | QuantileName> {
  /** In us at each of `keptQuantiles`, with the unanswered above all others; see `rankedAt`. */
  readonly ranked: readonly number[];
  /** How many of them are known; the others are lower bounds. */
  readonly known: number;
  readonly sent: number;
  readonly unanswered: number;
  /** For how long an unanswered message had been waited for at least. */
  readonly drainUs: number;
  /** Of all valid trials of the row; undefined in an invalid one. */
  readonly sum: HistogramSum | undefined;
}

interface TrialWait {
  readonly atLeast: Times;
  readonly atMost: Times & Pick<TrialLatency, 'sum'>;
  readonly last: Wait['last'];
}

export interface ReadTrial extends Omit<TrialLine, 'latencyUs' | 'receiveWaitUs' | 'connectCosts'> {
  readonly connectCosts: TrialLine['connectCosts'];
  readonly latencyUs: {
    readonly response: TrialLatency | null;
    readonly service: TrialLatency;
    readonly last: TrialLatency | undefined;
  };
  readonly receiveWaitUs: TrialWait | undefined;
}

/** Of the latency that is being read. */
const decoded = new Histogram();

/** What is not in common, of a file that may be a stranger's, would be kept twice. */
const mostInCommon = 1_000;

/** The trials of one result. */
export class ReadTrials {
  readonly all: ReadTrial[] = [];
  readonly #sums = new HistogramSums();
  /** What many trials have in common is kept once, by its text. */
  readonly #common = new Map<string, unknown>();

  add(line: TrialLine): void {
    const { target, client, workload, settings, connectCosts, valid, latencyUs, receiveWaitUs } = line;
    const { response, service, last } = latencyUs;
    const row = JSON.stringify([target, client, workloadKey(workload)]);
    const sum = (name: string, { histogram }: LatencySummary) =>
      valid ? this.#sums.add(`${row} ${name}`, histogram) : undefined;
    const latency = (name: HistogramName, summary: LatencySummary) =>
      trialLatency(line, name, summary, sum(name, summary));
    this.all.push({
      ...line,
      workload: this.#once(workload),
      settings: this.#once(settings),
      connectCosts: this.#once(connectCosts),
      latencyUs: {
        response: response && latency('response', response),
        service: latency('service', service),
        last: last && latency('last', last),
      },
      receiveWaitUs: receiveWaitUs && waits(receiveWaitUs, sum('wait', receiveWaitUs.atMost)),
    });
  }

  #once<Value>(value: Value): Value {
    const text = JSON.stringify(value) ?? '';
    if (!this.#common.has(text) && this.#common.size < mostInCommon) this.#common.set(text, value);
    return (this.#common.get(text) ?? value) as Value;
  }
}

function waits({ atLeast, atMost, last }: Wait, sum: HistogramSum | undefined): TrialWait {
  return {
    atLeast: { p50: atLeast.p50, p99: atLeast.p99, max: atLeast.max },
    atMost: { p50: atMost.p50, p99: atMost.p99, max: atMost.max, sum },
    last,
  };
}

export function readTrials(lines: readonly TrialLine[]): ReadTrial[] {
  const trials = new ReadTrials();
  for (const line of lines) trials.add(line);
  return trials.all;
}

/** Every field by name: in objects made by spreading, V8 shares too little, and a file may hold 20,000 trials. */
function trialLatency(
  { workload, measured }: TrialLine,
  name: HistogramName,
  { count, max, clamped, p50, p90, p95, p99, p999, histogram }: LatencySummary,
  sum: HistogramSum | undefined,
): TrialLatency {
  const drainUs = workload.phases.drainMs * 1000;
  const missing = Math.max(0, measured.owed - measured.delivered);
  // A message that a receiver never had never reached its last one. There are no more of them than deliveries
  // missing: a message may also be absent from the histogram because too many were sent to follow each.
  const ofMessages = 'ofMessages' in commonFigures[name];
  const unanswered = ofMessages ? Math.min(Math.max(0, measured.sent - count), missing) : missing;
  const sent = ofMessages ? count + unanswered : measured.sent;
  const ranking = { recorded: decodeHistogram(histogram, decoded), unanswered, drainUs };
  const durations = keptQuantiles.map((q) => quantileOf(ranking, q));
  const ranked = durations.map(({ us }) => us);
  const known = durations.filter(({ atLeast }) => !atLeast).length;
  return { count, max, clamped, p50, p90, p95, p99, p999, ranked, known, sent, unanswered, drainUs, sum };
}

/** @returns undefined where the trial has no such latency: a closed loop has no response time. */
export function latencyOf(trial: object, name: HistogramName): TrialLatency | undefined {
  return (valueAt(trial, commonFigures[name].at) as TrialLatency | null | undefined) ?? undefined;
}

/** @param q one of `keptQuantiles` */
export function rankedAt({ ranked, known }: TrialLatency, q: number): Duration {
  const at = keptQuantiles.indexOf(q);
  return { us: ranked[at] ?? Number.NaN, atLeast: at >= known };
}

/** A quantile of one trial, that of the recorded values where all were answered. Files of earlier versions have no p95 beside the histogram. */
export function quantileIn(latency: TrialLatency, name: QuantileName): Duration {
  const stored = latency[name];
  return latency.unanswered > 0 || stored === undefined
    ? rankedAt(latency, quantiles[name])
    : { us: stored, atLeast: false };
}

/** Recorded values with the unanswered above them, each of which had been waited for at least so long. */
export interface Ranking {
  readonly recorded: Histogram;
  readonly unanswered: number;
  readonly drainUs: number;
}

export function quantileOf({ recorded, unanswered, drainUs }: Ranking, q: number): Duration {
  const us = recorded.quantile(q, unanswered);
  const atLeast = us === Number.POSITIVE_INFINITY;
  return { us: Math.min(highestUs, atLeast ? Math.max(recorded.max, drainUs) : us), atLeast };
}
