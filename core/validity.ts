/** Owns the question whether it was the server that was measured; answers in words, with the figures. */

import type { Tally } from './tally.js';
import type { Workload } from './scenario.js';

export interface Evidence {
  readonly workload: Workload;
  readonly tally: Tally;
  /** Busiest runner, its pacing spin not counted; 0..1. */
  readonly eventLoopUtilization: number;
  /** CPU of the server in percent of one core; undefined when it died before it could report. */
  readonly serverCpuPercent: number | undefined;
  readonly connectionsLost: number;
  /** One sentence when the server or a worker died, or did not answer. */
  readonly failure: string | undefined;
}

const leastOfferedShare = 0.99;
const leastSendLagUs = 1_000;
const sendLagShareOfMedian = 0.1;
const mostUtilization = 0.9;
/** A server that uses this much of its core is the limit, however busy its clients are. */
const saturatedPercent = 95;
/** A runner this busy is worth a word before it is too busy. */
const busyUtilization = 0.7;

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
  if (tally.connectFailed > 0)
    reasons.push(`${tally.connectFailed} of ${evidence.workload.connections} connections could not be opened`);
  if (tally.measuredDelivered === 0) reasons.push('no data: nothing was delivered in the measured window');
  reasons.push(...lateGenerator(evidence));
  if (evidence.eventLoopUtilization > mostUtilization && !saturated(evidence))
    reasons.push(
      `the generator was the limit: its busiest worker worked ${percent(evidence.eventLoopUtilization)} of the time ` +
        `(at most ${percent(mostUtilization)}) while the server was not saturated`,
    );
  return reasons;
}

function lateGenerator({ workload, tally }: Evidence): string[] {
  if (workload.load.model === 'closed' || tally.measuredScheduled === 0) return [];
  const reasons: string[] = [];
  const offered = tally.sentInWindow / tally.measuredScheduled;
  if (offered < leastOfferedShare)
    reasons.push(`only ${percent(offered)} of the load asked for was sent in time (at least ${percent(leastOfferedShare)})`);
  const lagUs = tally.sendLag.quantile(0.99);
  const medianUs = tally.response.quantile(0.5);
  const mostUs = Math.max(leastSendLagUs, medianUs * sendLagShareOfMedian);
  if (lagUs > mostUs)
    reasons.push(
      `the generator was late: 1 % of the messages left more than ${milliseconds(lagUs)} after they were due ` +
        `(at most ${milliseconds(mostUs)})`,
    );
  return reasons;
}

/** What a reader should know beside the numbers of a valid trial. */
export function doubts(evidence: Evidence): string[] {
  const { tally, workload } = evidence;
  const found: string[] = [];
  if (saturated(evidence))
    found.push(`the server was saturated (${evidence.serverCpuPercent!.toFixed(0)} % of its core): latency is queueing`);
  if (evidence.eventLoopUtilization > busyUtilization)
    found.push(
      `the generator was busy ${percent(evidence.eventLoopUtilization)} of the time: part of the latency may be its own`,
    );
  if (tally.response.clamped + tally.service.clamped > 0)
    found.push(`${tally.response.clamped + tally.service.clamped} latencies above 60 s are shown as 60 s`);
  if (evidence.connectionsLost > 0)
    found.push(`${evidence.connectionsLost} of ${workload.connections} connections were lost during the trial`);
  if (tally.dropped > 0) found.push(`${tally.dropped} messages could not be sent`);
  return found;
}
