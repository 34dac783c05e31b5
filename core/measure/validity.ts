/** Judges whether a trial measured the server: why it is invalid, and what must be known beside its figures. */

import { differingAnswers } from '../exchange/answer.js';
import { type StampUnit, stampUnits } from '../exchange/endpoint.js';
import { isPushed, isSilent, isStorm, losesProcess, measuresConnecting } from '../kind.js';
import type { Workload } from '../scenario.js';
import { mannWhitney } from '../statistics/rank-tests.js';
import { cut } from '../stored-value.js';
import type { Histogram } from './histogram.js';
import type { LastSummary } from './last-arrivals.js';
import type { Reason } from './reason.js';
import type { Tally } from './tally.js';

/** Of gates on latency, in us; absent where there is none. */
export interface LatencyBounds {
  /** Of a gate on the median. */
  readonly medianUs?: number | undefined;
  /** The least of gates on what is above it. */
  readonly tailUs?: number | undefined;
}

export interface Evidence {
  readonly workload: Workload;
  readonly tally: Tally;
  /** Where messages have several receivers. */
  readonly last?: LastSummary | undefined;
  /** Busiest worker, its pacing spin not counted; 0..1. */
  readonly eventLoopUtilization: number;
  /** CPU of the server in percent of one core; undefined when it died before it could report. */
  readonly serverCpuPercent: number | undefined;
  /** The same of Redis and a proxy, where they are on its cores. */
  readonly besidePercent?: number | undefined;
  /** Of the server's processes; undefined: not known, or all of the machine. */
  readonly serverCores?: number | undefined;
  /** That serve on these cores, where there are several: Redis and a proxy are among them where they have no others. */
  readonly serverProcesses?: number | undefined;
  /** The one of the server that used most of a core. */
  readonly busiestThread?: { readonly process: string; readonly cpuPercent: number } | undefined;
  readonly connectionsLost: number;
  /** Share of the machine's time that its hypervisor gave to others; 0..1. */
  readonly stolenShare: number;
  /** p50 in us of each second in which something was delivered. */
  readonly p50BySecondUs?: readonly number[] | undefined;
  /** Share of the time of the server's core and of the generator's that others took; 0..1, absent where not known. */
  readonly othersShares?: { readonly server?: number | undefined; readonly generator?: number | undefined } | undefined;
  /** How long the server's process was stopped (SIGSTOP). */
  readonly serverStoppedUs?: number | undefined;
  readonly generatorStopped?: boolean | undefined;
  /** One sentence when the server or a worker died, or did not answer. */
  readonly failure: string | undefined;
  /** Whose failure it was, where it was that of an agent. */
  readonly failedAgent?: string | undefined;
  readonly latencyBounds?: LatencyBounds | undefined;
}

const leastOfferedShare = 0.99;
/** A message is on time where it leaves at most so late. */
export const leastSendLagUs = 1_000;
/** Of the latency beside which it stands, or of the bound of a gate on it. */
const sendLagShare = 0.1;
/**
 * So many messages must be late before it is the generator that is late: the p99 of 60 messages is the single worst of
 * them. With 1,000 messages or more this is the p99 itself; below, a late one is a warning.
 */
const leastLate = 10;
/** Of the latency beside which a receive wait stands: by its upper bound a warning, by its lower one an invalid trial. */
const receiveWaitShare = { toldFrom: 0.1, most: 0.5 } as const;
/** Less than this is a round or two of an event loop that polls without pause. */
const leastReceiveWaitUs = 20;
const mostUtilization = 0.9;
const saturatedPercent = 95;

/**
 * A server that uses this much of its cores is the limit, however busy its clients are.
 * @param serverCpuPercent of one core: that of a server on four may be 400.
 */
export function isSaturated(serverCpuPercent: number, cores = 1): boolean {
  return serverCpuPercent >= saturatedPercent * cores;
}

/** Silence at the end of the window says something where it is so many times the longest gap before, of this many. */
const silentGaps = 3;
const leastGaps = { inAll: 10, aConnection: 3 } as const;
/** A busy machine is silent for as long. */
const leastSilenceUs = 200_000;

/** A worker this busy is worth a warning before it is too busy. */
const busyUtilization = 0.7;

/** More than this taken by other machines on the same host is worth a warning. */
const muchStolen = 0.02;
/** Taken by others on the cores that measure: from the first on a warning, above the second an invalid trial. */
export const othersShare = { toldFrom: 0.02, most: 0.1 } as const;
/** Less than this cannot make one message in a hundred late. */
const littleStolen = 0.003;

/** The exact test cannot tell halves of fewer apart: 2 / C(8, 4) is 0.03. */
const leastSecondsOfHalf = 4;
/** More than the test can take are not needed. */
const mostSecondsOfHalf = 500;
const leastDriftShare = 0.2;
const driftAlpha = 0.05;

/** Why a trial must not be used; empty when it may. */
export function invalidity(evidence: Evidence): Reason[] {
  const { tally, failure, failedAgent, workload, eventLoopUtilization } = evidence;
  const { serverStoppedUs = 0, generatorStopped } = evidence;
  if (failure && failedAgent) return [{ code: 'agent-failed', agent: failedAgent, text: failure }];
  if (failure) return [{ code: 'failure', text: failure }];
  const reasons = tally.discrepancies();
  if (tally.connectFailed > 0 && !measuresConnecting(workload))
    reasons.push({ code: 'connections-failed', failed: tally.connectFailed, connections: workload.connections });
  if (tally.measuredDelivered === 0 && isOwedSomething(evidence)) reasons.push({ code: 'no-data' });
  reasons.push(...lateGenerator(evidence));
  const isLimit = isSaturated(onServerCores(evidence), evidence.serverCores);
  if (!isLimit) {
    const isFirm = messagesOf(evidence) >= 100 * leastLate;
    reasons.push(...receiveWait(evidence, ({ waitAtLeastUs }) => waitAtLeastUs, receiveWaitShare.most, isFirm));
  }
  if (eventLoopUtilization > mostUtilization && !isLimit)
    reasons.push({ code: 'generator-limit', busyShare: eventLoopUtilization, mostShare: mostUtilization });
  if (serverStoppedUs > 0) reasons.push({ code: 'server-stopped', stoppedUs: serverStoppedUs });
  if (generatorStopped) reasons.push({ code: 'generator-stopped' });
  reasons.push(...sharedCores(evidence, othersShare.most));
  return reasons;
}

function onServerCores({ serverCpuPercent = 0, besidePercent = 0 }: Evidence): number {
  return serverCpuPercent + besidePercent;
}

/** Where others took more than one share of the time, and at most another. */
function sharedCores(
  { othersShares: { server = 0, generator = 0 } = {} }: Evidence,
  above: number,
  most = 1,
): Reason[] {
  const found = [
    { code: 'server-core-shared', othersShare: server } as const,
    { code: 'generator-cores-shared', othersShare: generator } as const,
  ];
  return found.filter((reason) => reason.othersShare > above && reason.othersShare <= most);
}

function isOwedSomething({ workload, tally }: Evidence): boolean {
  if (isSilent(workload.kind)) return false;
  return !(measuresConnecting(workload) && tally.connectFailed > 0 && tally.connected === 0);
}

function lateGenerator(evidence: Evidence): Reason[] {
  const { workload, tally, stolenShare } = evidence;
  if (!isGenerated(workload) || tally.measuredScheduled === 0) return [];
  const reasons: Reason[] = [];
  // Who is cut off with a killed process, or never let in, has no connection to send over.
  const sendable = losesProcess(workload) || isStorm(workload.kind) ? tally.measuredSent : tally.measuredScheduled;
  const sentShare = tally.sentInWindow / Math.max(1, sendable);
  // The likely cause, where it is neither the server nor the generator.
  const cause = stolenShare > littleStolen ? { stolenShare } : {};
  if (sentShare < leastOfferedShare)
    reasons.push({ code: 'load-not-sent', sentShare, leastShare: leastOfferedShare, ...cause });
  const judged = [Math.min(0.99, 1 - leastLate / tally.sendLag.count), 0.5].filter((quantile) => quantile >= 0.5);
  const [late = []] = judged.map((q) => lateness(evidence, q, cause)).filter(({ length }) => length > 0);
  return [...reasons, ...late];
}

/** Whether it is the generator that sends on a schedule. */
function isGenerated({ kind, load }: Workload): boolean {
  return load.model === 'open' && !isPushed(kind);
}

/** Late is a quantile of the lag that is more than the reader, or a gate, of the same quantile of the latency would forgive. */
function mostLagUs({ tally, latencyBounds: { medianUs = 0, tailUs = 0 } = {} }: Evidence, quantile: number): number {
  const boundUs = quantile > 0.5 ? tailUs : medianUs;
  return Math.max(leastSendLagUs, sendLagShare * Math.max(tally.response.quantile(quantile), boundUs));
}

function lateness(evidence: Evidence, quantile: number, cause: { readonly stolenShare?: number }): Reason[] {
  const lagUs = evidence.tally.sendLag.quantile(quantile);
  const most = mostLagUs(evidence, quantile);
  const lateShare = 1 - quantile;
  return lagUs > most ? [{ code: 'generator-late', lateShare, lagUs, mostLagUs: most, ...cause }] : [];
}

/** How late the latest messages left, as a share of many or as a count of few. */
function lateMessages(evidence: Evidence): Reason[] {
  const { sendLag, heldLag } = evidence.tally;
  const most = mostLagUs(evidence, 0.99);
  if (!isGenerated(evidence.workload) || sendLag.quantile(0.99) <= most) return [];
  if (sendLag.count >= 100 * leastLate) return lateness(evidence, 0.99, {});
  const own = sendLag.since(heldLag);
  // The highest value of a difference is known to the width of a bucket only.
  const found = [
    { code: 'sends-late', late: own.countAbove(most), lagUs: Math.min(own.max, sendLag.max) } as const,
    { code: 'sends-held', late: heldLag.countAbove(most), lagUs: heldLag.max } as const,
  ];
  return found.filter(({ late }) => late > 0).map((one) => ({ ...one, sends: sendLag.count, mostLagUs: most }));
}

type ReceiveWait = Extract<Reason, { code: 'receive-wait' }>;

/** Deliveries of one message are late together: it is messages that must be many, as it is for a late generator. */
function messagesOf({ workload, tally, last }: Evidence): number {
  return last?.histogram.count ?? latencyOf(workload, tally).count;
}

/** Without a schedule there is nothing to be late against. */
function latencyOf({ load }: Workload, { service, response }: Tally): Histogram {
  return load.model === 'open' ? response : service;
}

/**
 * The first latency of which a receive wait is more than a share.
 * @param bound the lower or the upper one. @param withP99 whether the p99 is looked at, too: of few messages it is the
 * single worst.
 */
function receiveWait(
  { workload, tally, last }: Evidence,
  bound: (wait: ReceiveWait) => number,
  share: number,
  withP99 = true,
): Reason[] {
  const each = latencyOf(workload, tally);
  const wait = (latency: string, q: number, of: Histogram, atLeast: Histogram, atMost: Histogram): ReceiveWait => ({
    code: 'receive-wait',
    latency,
    waitAtLeastUs: atLeast.quantile(q),
    waitAtMostUs: Math.min(atMost.quantile(q), of.quantile(q)),
    latencyUs: of.quantile(q),
  });
  const waits = [
    ...(last ? [wait('time to the last receiver', 0.5, last.histogram, last.waitAtLeast, last.waitAtMost)] : []),
    ...(withP99 ? [wait('p99', 0.99, each, tally.waitAtLeast, tally.waitAtMost)] : []),
    wait('p50', 0.5, each, tally.waitAtLeast, tally.waitAtMost),
  ];
  const tooLong = waits.find((one) => bound(one) > Math.max(leastReceiveWaitUs, share * one.latencyUs));
  return tooLong ? [tooLong] : [];
}

/** Latency that drifts through the window: the seconds of its first and last half differ, and by enough to matter. */
function drift({ p50BySecondUs = [] }: Evidence): Reason[] {
  const half = Math.min(Math.floor(p50BySecondUs.length / 2), mostSecondsOfHalf);
  if (half < leastSecondsOfHalf) return [];
  const [first, last] = [p50BySecondUs.slice(0, half), p50BySecondUs.slice(-half)] as const;
  const { estimate, p } = mannWhitney(first.map(Math.log), last.map(Math.log));
  if (p > driftAlpha || Math.abs(estimate) < Math.log(1 + leastDriftShare)) return [];
  return [{ code: 'latency-drifts', fromUs: middleOf(first), toUs: middleOf(last) }];
}

const middleOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b).at(values.length >> 1) ?? Number.NaN;

/** Of pushes whose rhythm is known, connections that got none for far longer than ever before. */
function pushesEnded({ workload: { connections }, tally: { pushGap, pushSilence } }: Evidence): Reason[] {
  if (pushGap.count < Math.max(leastGaps.inAll, leastGaps.aConnection * connections)) return [];
  const mostUs = Math.max(leastSilenceUs, silentGaps * pushGap.max);
  const silent = pushSilence.countAbove(mostUs);
  return silent > 0
    ? [{ code: 'pushes-ended', silent, connections, silentUs: pushSilence.max, gapUs: pushGap.max }]
    : [];
}

/** What a reader should know beside the figures of a valid trial. */
export function warnings(evidence: Evidence): Reason[] {
  const { tally, workload, eventLoopUtilization, besidePercent = 0, stolenShare, connectionsLost } = evidence;
  const { connections } = workload;
  const clamped = tally.response.clamped + tally.service.clamped;
  const found: Reason[] = [];
  const { serverCores: cores = 1, serverProcesses: processes = 1, busiestThread } = evidence;
  const cpuPercent = onServerCores(evidence);
  const ofThat = besidePercent > 0 && { besidePercent: besidePercent / cores };
  if (isSaturated(cpuPercent, cores))
    found.push({ code: 'server-saturated', cpuPercent: cpuPercent / cores, ...ofThat });
  // No reason to excuse a busy generator, as a saturated server is: the other processes may have waited for that.
  else if (busiestThread && isSaturated(busiestThread.cpuPercent))
    found.push({ code: 'process-saturated', process: busiestThread.process, cpuPercent: busiestThread.cpuPercent });
  if (processes > cores && evidence.serverCores !== undefined)
    found.push({ code: 'processes-share-cores', processes, cores });
  if (eventLoopUtilization > busyUtilization) found.push({ code: 'generator-busy', busyShare: eventLoopUtilization });
  found.push(...drift(evidence), ...lateMessages(evidence));
  found.push(...receiveWait(evidence, ({ waitAtMostUs }) => waitAtMostUs, receiveWaitShare.toldFrom));
  if (stolenShare > muchStolen) found.push({ code: 'steal-time', stolenShare });
  found.push(...sharedCores(evidence, othersShare.toldFrom, othersShare.most));
  if (clamped > 0) found.push({ code: 'latencies-clamped', clamped });
  if (connectionsLost > 0) found.push({ code: 'connections-lost', lost: connectionsLost, connections });
  const unlike = tally.unrecognised + (workload.exchange ? tally.corrupted : 0);
  if (unlike > 0) found.push({ code: 'unrecognised', messages: unlike, first: cut(tally.firstUnrecognised) });
  const answers = differingAnswers(tally.others);
  if (answers) found.push({ code: 'answers-differ', ...answers });
  found.push(...pushesEnded(evidence));
  const stepUs = stampUnits[(workload.exchange?.sentAt ?? 'us') as StampUnit] ?? 0;
  if (stepUs > stampUnits.us && tally.service.count > 0) found.push({ code: 'coarse-stamps', stepUs });
  if (tally.dropped > 0 && !losesProcess(workload)) found.push({ code: 'sends-dropped', dropped: tally.dropped });
  return found;
}
