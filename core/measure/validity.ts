/** Owns the question whether it was the server that was measured; answers in words, with the figures. */

import { isPushed, isSilent, measuresConnecting } from '../kind.js';
import type { Workload } from '../scenario.js';
import type { Tally } from './tally.js';

export interface Evidence {
  readonly workload: Workload;
  readonly tally: Tally;
  /** Busiest runner, its pacing spin not counted; 0..1. */
  readonly eventLoopUtilization: number;
  /** CPU of the server in percent of one core; undefined when it died before it could report. */
  readonly serverCpuPercent: number | undefined;
  readonly connectionsLost: number;
  /** Share of the machine's time that its hypervisor gave to others; 0..1. */
  readonly stolenShare: number;
  /** One sentence when the server or a worker died, or did not answer. */
  readonly failure: string | undefined;
}

const leastOfferedShare = 0.99;
const leastSendLagUs = 1_000;
const sendLagShareOfMedian = 0.1;
/**
 * So many messages must be late before it is the generator that is late: the p99 of 60 messages is the single worst of
 * them. With 1,000 messages or more this is the p99 itself; below, a late one is a doubt.
 */
const leastLate = 10;
const mostUtilization = 0.9;
/** A server that uses this much of its core is the limit, however busy its clients are. */
const saturatedPercent = 95;
/** A runner this busy is worth a word before it is too busy. */
const busyUtilization = 0.7;

/** More than this taken by other machines on the same host is worth a word. */
const muchStolen = 0.02;
/** Less than this cannot make one message in a hundred late. */
const littleStolen = 0.003;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const milliseconds = (us: number): string => `${(us / 1000).toFixed(2)} ms`;

function saturated(evidence: Evidence): boolean {
  return (evidence.serverCpuPercent ?? 0) >= saturatedPercent;
}

/** Why a trial must not be used; empty when it may. */
export function invalidity(evidence: Evidence): string[] {
  const { tally, failure } = evidence;
  if (failure) return [failure];
  const reasons = tally.discrepancies().map((what) => `the books do not close: ${what}`);
  if (tally.connectFailed > 0 && !measuresConnecting(evidence.workload))
    reasons.push(`${tally.connectFailed} of ${evidence.workload.connections} connections could not be opened`);
  if (tally.measuredDelivered === 0 && isOwedSomething(evidence))
    reasons.push('no data: nothing was delivered in the measured window');
  reasons.push(...lateGenerator(evidence));
  if (evidence.eventLoopUtilization > mostUtilization && !saturated(evidence))
    reasons.push(
      `the generator was the limit: its busiest worker worked ${percent(evidence.eventLoopUtilization)} of the time ` +
        `(at most ${percent(mostUtilization)}) while the server was not saturated`,
    );
  return reasons;
}

function isOwedSomething({ workload, tally }: Evidence): boolean {
  if (isSilent(workload.kind)) return false;
  return !(measuresConnecting(workload) && tally.connectFailed > 0 && tally.connected === 0);
}

function lateGenerator(evidence: Evidence): string[] {
  const { workload, tally } = evidence;
  if (!isGenerated(workload) || tally.measuredScheduled === 0) return [];
  const reasons: string[] = [];
  const offered = tally.sentInWindow / tally.measuredScheduled;
  if (offered < leastOfferedShare)
    reasons.push(
      `only ${percent(offered)} of the load asked for was sent in time (at least ${percent(leastOfferedShare)})` +
        whoElse(evidence),
    );
  const judged = Math.min(0.99, 1 - leastLate / tally.sendLag.count);
  if (tally.sendLag.quantile(judged) > mostLagUs(tally)) reasons.push(lateness(evidence, judged) + whoElse(evidence));
  return reasons;
}

/** Whether it is the generator that sends on a schedule. */
function isGenerated({ kind, load }: Workload): boolean {
  return load.model === 'open' && !isPushed(kind);
}

/** A late message is late by more than the reader would forgive. */
function mostLagUs(tally: Tally): number {
  return Math.max(leastSendLagUs, tally.response.quantile(0.5) * sendLagShareOfMedian);
}

function lateness({ tally }: Evidence, quantile: number): string {
  return (
    `the generator was late: ${percent(1 - quantile)} of the messages left more than ` +
    `${milliseconds(tally.sendLag.quantile(quantile))} after they were due (at most ${milliseconds(mostLagUs(tally))})`
  );
}

/** The likely culprit, where it is neither the server nor the generator. */
function whoElse({ stolenShare }: Evidence): string {
  return stolenShare > littleStolen
    ? `; the hypervisor gave ${percent(stolenShare)} of the machine's time to others`
    : '';
}

/** What a reader should know beside the numbers of a valid trial. */
export function doubts(evidence: Evidence): string[] {
  const { tally, workload } = evidence;
  const found: string[] = [];
  if (saturated(evidence))
    found.push(
      `the server was saturated (${evidence.serverCpuPercent!.toFixed(0)} % of its core): latency is queueing`,
    );
  if (evidence.eventLoopUtilization > busyUtilization)
    found.push(
      `the generator was busy ${percent(evidence.eventLoopUtilization)} of the time: part of the latency may be its own`,
    );
  if (isGenerated(workload) && tally.sendLag.quantile(0.99) > mostLagUs(tally)) found.push(lateness(evidence, 0.99));
  if (evidence.stolenShare > muchStolen)
    found.push(
      `the hypervisor gave ${percent(evidence.stolenShare)} of this machine's time to others: tails may be theirs`,
    );
  if (tally.response.clamped + tally.service.clamped > 0)
    found.push(`${tally.response.clamped + tally.service.clamped} latencies above 60 s are shown as 60 s`);
  if (evidence.connectionsLost > 0)
    found.push(`${evidence.connectionsLost} of ${workload.connections} connections were lost during the trial`);
  if (tally.dropped > 0) found.push(`${tally.dropped} messages could not be sent`);
  return found;
}
