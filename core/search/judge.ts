/** Judges a trial of a search: whether the load was held, and whether one such trial is enough to say so. */

import { type AbsoluteGate, holds } from '../gates/gate.js';
import { valueAt } from '../measure/figures.js';
import { decodeHistogram } from '../measure/histogram-encoding.js';
import { quantiles } from '../measure/latency.js';
import { type GateMetricName, isQuantile, metrics } from '../measure/metrics.js';
import { usedPercent } from '../measure/process-metrics.js';
import { isOnlyDisturbed, isPassing, type Reason, type ReasonCode } from '../measure/reason.js';
import { countClasses } from '../measure/tally.js';
import { isSaturated } from '../measure/validity.js';
import type { TrialLine } from '../result.js';
import type { SearchStep } from '../workload/search-settings.js';
import { latencyGates } from './objective.js';
import type { Answer } from './server-verdicts.js';

type Judged = Pick<SearchStep, 'verdict' | 'isClear' | 'failed'> & Pick<Answer, 'utilization'>;
type Failed = SearchStep['failed'][number];

interface Measured {
  readonly value: number;
  readonly atLeast: boolean;
}

/**
 * A server that delivers less than this of what is sent falls behind, by more with each second: the load is not held, however
 * short the queue still is.
 */
const leastPace = 0.99;
/** With random arrivals the queue rises and falls by itself. */
const leastRandomPace = 0.96;
/** A latency below this share of its bound is far from it, and one of so many times the bound. */
const clearlyWithin = 0.5;
const clearlyBeyond = 2;
/** The first of a server that is busy all the time, the second of any: what stood still for a moment is late, too. */
const clearlyBehind = { busy: 0.9, any: 0.75 } as const;

/** These make latency longer and deliveries later: what is held in spite of them is held without them. */
const worsening: ReadonlySet<ReasonCode> = new Set([
  'generator-late',
  'receive-wait',
  'generator-limit',
  'server-core-shared',
  'generator-cores-shared',
]);

export function judge(line: TrialLine, objective: readonly AbsoluteGate[]): Judged {
  const { server, runner, valid, invalidBecause } = line;
  const utilization = server
    ? Math.max(
        usedPercent(server) / 100 / (server.cores ?? 1),
        (server.busiestThread?.cpuPercent ?? 0) / 100,
        runner.eventLoopUtilization,
      )
    : undefined;
  const isJudged = valid || invalidBecause.every(({ code }) => worsening.has(code));
  // What a connection was due that the server has ended was not sent: neither the generator's limit, nor held.
  const ended = countClasses(line.counts.errors, 'closed:');
  const isOwnGate = objective.some(({ metric }) => metric === 'errors');
  if (ended > 0 && !isOwnGate && (isJudged || isOnlyDisturbed(invalidBecause)))
    return { verdict: 'fails', isClear: false, failed: [{ metric: 'ended', value: ended }], utilization };
  if (!isJudged) return { ...unmeasured(invalidBecause), failed: [] };
  const failed = objective.flatMap((gate) => failureOf(line, gate));
  const pace = paceOf(line);
  const least = isRandom(line) ? leastRandomPace : leastPace;
  if (pace < least) failed.push({ metric: 'pace', value: pace });
  if (failed.length > 0 && !valid) return { ...unmeasured(invalidBecause), failed };
  if (failed.length > 0 && failed.every((each) => mayBeGenerators(line, objective, each)))
    return { verdict: 'generator', isClear: false, failed, utilization };
  if (failed.length > 0) return { verdict: 'fails', isClear: isFarBeyond(line, objective, pace), failed, utilization };
  return { verdict: 'holds', isClear: isFarWithin(line, objective), failed, utilization };
}

/**
 * Whether a server with CPU to spare may have held what was not held: the latency without what lay readable before it was
 * read, or the pace beside a busy generator.
 */
function mayBeGenerators(line: TrialLine, objective: readonly AbsoluteGate[], { metric, value }: Failed): boolean {
  const { server, receiveWaitUs, doubts } = line;
  if (!server || isSaturated(usedPercent(server), server.cores)) return false;
  if (metric === 'pace') return value >= clearlyBehind.any && doubts.some(({ code }) => code === 'generator-busy');
  const gates = latencyGates(objective).filter((gate) => gate.metric === metric);
  const [gate] = gates;
  if (!receiveWaitUs || gate === undefined) return false;
  const { max, histogram } = receiveWaitUs.atMost;
  const waitUs = isQuantile(gate.metric) ? decodeHistogram(histogram).quantile(quantiles[gate.metric]) : max;
  return gates.every(({ comparison, bound }) => holds(value - waitUs, comparison, bound));
}

/** What an invalid trial says of the load. */
function unmeasured(reasons: readonly Reason[]): Pick<Judged, 'verdict' | 'isClear'> {
  const has = (code: ReasonCode): boolean => reasons.some((reason) => reason.code === code);
  // A server that died, or took no connections, did not hold the load.
  if (has('failure') || has('connections-failed') || has('no-data')) return { verdict: 'fails', isClear: false };
  if (isPassing(reasons) || !isOnlyDisturbed(reasons)) return { verdict: 'disturbed', isClear: false };
  return { verdict: 'generator', isClear: has('generator-limit') };
}

function failureOf(line: TrialLine, { metric, comparison, bound }: AbsoluteGate): Failed | [] {
  const measured = measure(line, metric);
  // What has no figure is not kept.
  if (measured === undefined) return { metric, value: 0 };
  const { value, atLeast } = measured;
  const upwards = comparison.startsWith('>');
  return (!atLeast || upwards) && holds(value, comparison, bound) ? [] : { metric, value, ...(atLeast && { atLeast }) };
}

/** As a gate has it, of one trial; undefined where it has no such figure. */
function measure(line: TrialLine, metric: GateMetricName): Measured | undefined {
  const { counts, measured, latencyUs, workload } = line;
  if (metric === 'max' || isQuantile(metric)) {
    const { histogram, max } = latencyUs.response ?? latencyUs.service;
    const missing = Math.max(0, measured.owed - measured.delivered);
    const us =
      metric !== 'max'
        ? decodeHistogram(histogram).quantile(quantiles[metric], missing)
        : missing > 0
          ? Number.POSITIVE_INFINITY
          : max;
    const least = Math.max(max, 1000 * workload.phases.drainMs);
    return Number.isFinite(us) ? { value: us, atLeast: false } : { value: least, atLeast: true };
  }
  if (metric === 'delivered') return counts.owed > 0 ? exact(counts.delivered / counts.owed) : undefined;
  if (metric === 'errors') return exact(Object.values(counts.errors).reduce((sum, times) => sum + times, 0));
  const value = valueAt(line, metrics[metric].figure);
  return typeof value === 'number' ? exact(value) : undefined;
}

const exact = (value: number): Measured => ({ value, atLeast: false });

/** Deliveries that came in the measured window, of those owed for what was due in it. */
function paceOf({ measured: { owed, sent, scheduled }, deliveredPerSecond, seconds }: TrialLine): number {
  const due = sent > 0 ? (owed * scheduled) / sent : 0;
  return due > 0 ? (deliveredPerSecond * seconds) / due : 1;
}

function isRandom({ workload: { load } }: TrialLine): boolean {
  return load.model === 'open' && load.arrivals === 'poisson';
}

function isFarWithin(line: TrialLine, objective: readonly AbsoluteGate[]): boolean {
  return latencyGates(objective).every(({ metric, bound }) => {
    const { value } = measure(line, metric) ?? exact(bound);
    return value <= clearlyWithin * bound;
  });
}

function isFarBeyond(line: TrialLine, objective: readonly AbsoluteGate[], pace: number): boolean {
  if (pace < clearlyBehind.any) return true;
  if (!line.server || !isSaturated(usedPercent(line.server), line.server.cores)) return false;
  const isLate = ({ metric, bound }: AbsoluteGate) => (measure(line, metric)?.value ?? 0) >= clearlyBeyond * bound;
  return pace < clearlyBehind.busy || latencyGates(objective).some(isLate);
}
