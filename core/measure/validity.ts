/** Judges whether a trial measured the server: why it is invalid, and what must be known beside its figures. */

import { isPushed, isSilent, measuresConnecting } from '../kind.js';
import type { Workload } from '../scenario.js';
import type { Reason } from './reason.js';
import type { Tally } from './tally.js';

export interface Evidence {
  readonly workload: Workload;
  readonly tally: Tally;
  /** Busiest worker, its pacing spin not counted; 0..1. */
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
 * them. With 1,000 messages or more this is the p99 itself; below, a late one is a warning.
 */
const leastLate = 10;
const mostUtilization = 0.9;
/** A server that uses this much of its core is the limit, however busy its clients are. */
const saturatedPercent = 95;
/** A worker this busy is worth a warning before it is too busy. */
const busyUtilization = 0.7;

/** More than this taken by other machines on the same host is worth a warning. */
const muchStolen = 0.02;
/** Less than this cannot make one message in a hundred late. */
const littleStolen = 0.003;

/** Why a trial must not be used; empty when it may. */
export function invalidity(evidence: Evidence): Reason[] {
  const { tally, failure, workload, eventLoopUtilization, serverCpuPercent = 0 } = evidence;
  if (failure) return [{ code: 'failure', text: failure }];
  const reasons = tally.discrepancies();
  if (tally.connectFailed > 0 && !measuresConnecting(workload))
    reasons.push({ code: 'connections-failed', failed: tally.connectFailed, connections: workload.connections });
  if (tally.measuredDelivered === 0 && isOwedSomething(evidence)) reasons.push({ code: 'no-data' });
  reasons.push(...lateGenerator(evidence));
  if (eventLoopUtilization > mostUtilization && serverCpuPercent < saturatedPercent)
    reasons.push({ code: 'generator-limit', busyShare: eventLoopUtilization, mostShare: mostUtilization });
  return reasons;
}

function isOwedSomething({ workload, tally }: Evidence): boolean {
  if (isSilent(workload.kind)) return false;
  return !(measuresConnecting(workload) && tally.connectFailed > 0 && tally.connected === 0);
}

function lateGenerator(evidence: Evidence): Reason[] {
  const { workload, tally, stolenShare } = evidence;
  if (!isGenerated(workload) || tally.measuredScheduled === 0) return [];
  const reasons: Reason[] = [];
  const sentShare = tally.sentInWindow / tally.measuredScheduled;
  // The likely cause, where it is neither the server nor the generator.
  const cause = stolenShare > littleStolen ? { stolenShare } : {};
  if (sentShare < leastOfferedShare)
    reasons.push({ code: 'load-not-sent', sentShare, leastShare: leastOfferedShare, ...cause });
  const judged = Math.min(0.99, 1 - leastLate / tally.sendLag.count);
  return [...reasons, ...lateness(tally, judged, cause)];
}

/** Whether it is the generator that sends on a schedule. */
function isGenerated({ kind, load }: Workload): boolean {
  return load.model === 'open' && !isPushed(kind);
}

/** A late message is late by more than the reader would forgive. */
function lateness({ sendLag, response }: Tally, quantile: number, cause: { readonly stolenShare?: number }): Reason[] {
  const lagUs = sendLag.quantile(quantile);
  const mostLagUs = Math.max(leastSendLagUs, response.quantile(0.5) * sendLagShareOfMedian);
  return lagUs > mostLagUs ? [{ code: 'generator-late', lateShare: 1 - quantile, lagUs, mostLagUs, ...cause }] : [];
}

/** What a reader should know beside the figures of a valid trial. */
export function warnings(evidence: Evidence): Reason[] {
  const { tally, workload, eventLoopUtilization, serverCpuPercent = 0, stolenShare, connectionsLost } = evidence;
  const { connections } = workload;
  const clamped = tally.response.clamped + tally.service.clamped;
  const found: Reason[] = [];
  if (serverCpuPercent >= saturatedPercent) found.push({ code: 'server-saturated', cpuPercent: serverCpuPercent });
  if (eventLoopUtilization > busyUtilization) found.push({ code: 'generator-busy', busyShare: eventLoopUtilization });
  if (isGenerated(workload)) found.push(...lateness(tally, 0.99, {}));
  if (stolenShare > muchStolen) found.push({ code: 'steal-time', stolenShare });
  if (clamped > 0) found.push({ code: 'latencies-clamped', clamped });
  if (connectionsLost > 0) found.push({ code: 'connections-lost', lost: connectionsLost, connections });
  if (tally.dropped > 0) found.push({ code: 'sends-dropped', dropped: tally.dropped });
  return found;
}
