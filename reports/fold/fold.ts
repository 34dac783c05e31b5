/** Folds the valid trials of one target, client and workload into the figures of one row. */

import type { ServerMetrics } from '../../core/measure/process-metrics.js';
import type { Reason } from '../../core/measure/reason.js';
import type { Counts, TrialLine } from '../../core/result.js';
import { reasonKey, reasonText } from '../findings/reasons.js';
import { type Figure, figureOf } from './figure.js';
import { foldConnect, foldConnectCosts, foldConnectPeak } from './fold-connect.js';
import { foldWorkloadMetrics } from './fold-workload-metrics.js';
import { groupBy } from './group-by.js';
import { type Latency, type LatencySample, mergeLatency } from './latency.js';
import type { MeasuredRow, ServerFigures, TrialWarning } from './row.js';

/** @param valid at least one, all of the same target, client and workload. */
export function foldTrials(
  valid: readonly TrialLine[],
  { trialsPlanned, invalid }: Pick<MeasuredRow, 'trialsPlanned' | 'invalid'>,
): Omit<MeasuredRow, 'ratios'> {
  const first = valid[0]!;
  const over = (pick: (trial: TrialLine) => number): Figure => figureOf(valid.map(pick))!;
  const server = foldServer(valid);
  const response = foldLatency(valid, 'response');
  const last = foldLast(valid);
  const connectCosts = foldConnectCosts(valid);
  const connectPeakPerSecond = foldConnectPeak(valid);
  return {
    state: 'measured',
    target: first.target,
    trialsPlanned,
    invalid,
    client: first.client,
    transport: first.transport,
    ...(first.protocol && { protocol: first.protocol }),
    library: first.library,
    trialsUsed: valid.length,
    connections: first.connections,
    deliveredPerSecond: over((trial) => trial.deliveredPerSecond),
    sentPerSecond: over((trial) => trial.sentPerSecond),
    bytesInPerDelivery: over((trial) => trial.bytesPerMessage.in),
    bytesOutPerSend: over((trial) => trial.bytesPerMessage.out),
    ...(server && { server }),
    runner: {
      workers: over(({ runner }) => runner.workers),
      eventLoopUtilization: over(({ runner }) => runner.eventLoopUtilization),
      sendLagP50Us: over(({ runner }) => runner.sendLagUs.p50),
      sendLagP99Us: over(({ runner }) => runner.sendLagUs.p99),
      rssBytesPerConnection: over(({ runner }) => runner.rssBytesPerConnection),
      stolenShare: over(({ runner }) => runner.stolenShare),
    },
    counts: sumCounts(valid),
    measured: {
      scheduled: sum(valid, (trial) => trial.measured.scheduled),
      sent: sum(valid, (trial) => trial.measured.sent),
      owed: sum(valid, (trial) => trial.measured.owed),
      delivered: sum(valid, (trial) => trial.measured.delivered),
    },
    service: foldLatency(valid, 'service')!,
    ...(response && { response }),
    ...(last && { last }),
    connect: foldConnect(valid),
    ...(connectCosts && { connectCosts }),
    ...(connectPeakPerSecond && { connectPeakPerSecond }),
    ...foldWorkloadMetrics(valid),
    settings: foldSettings(valid),
    warnings: foldWarnings(valid),
  };
}

function sum(trials: readonly TrialLine[], pick: (trial: TrialLine) => number): number {
  return trials.reduce((total, trial) => total + pick(trial), 0);
}

function sumCounts(trials: readonly TrialLine[]): Counts {
  const errors = new Map<string, number>();
  for (const { counts } of trials)
    for (const [errorClass, n] of Object.entries(counts.errors))
      errors.set(errorClass, (errors.get(errorClass) ?? 0) + n);
  const roomed = trials.some(({ counts }) => counts.misrouted !== undefined);
  return {
    scheduled: sum(trials, ({ counts }) => counts.scheduled),
    sent: sum(trials, ({ counts }) => counts.sent),
    dropped: sum(trials, ({ counts }) => counts.dropped),
    owed: sum(trials, ({ counts }) => counts.owed),
    delivered: sum(trials, ({ counts }) => counts.delivered),
    lost: sum(trials, ({ counts }) => counts.lost),
    duplicated: sum(trials, ({ counts }) => counts.duplicated),
    reordered: sum(trials, ({ counts }) => counts.reordered),
    corrupted: sum(trials, ({ counts }) => counts.corrupted),
    ...(roomed && { misrouted: sum(trials, ({ counts }) => counts.misrouted ?? 0) }),
    connectFailed: sum(trials, ({ counts }) => counts.connectFailed),
    errors: Object.fromEntries(errors),
  };
}

function foldServer(trials: readonly TrialLine[]): ServerFigures | undefined {
  const readings = trials.flatMap(({ server, connections }) => (server === null ? [] : [{ server, connections }]));
  if (readings.length === 0) return undefined;
  const over = (pick: (server: ServerMetrics, connections: number) => number): Figure =>
    figureOf(readings.map((reading) => pick(reading.server, reading.connections)))!;
  return {
    cpuUsPerDelivery: over((server) => server.cpuUsPerDelivery),
    cpuPercent: over((server) => server.cpuPercent),
    rssBytes: over((server) => server.rssBytes),
    idleRssBytes: over((server) => server.idleRssBytes),
    rssBytesPerConnection: over((server, connections) => (server.rssBytes - server.idleRssBytes) / connections),
    heapBytes: over((server) => server.heapBytes),
    eventLoopDelayP50Us: over((server) => server.eventLoopDelayUs.p50),
    eventLoopDelayP99Us: over((server) => server.eventLoopDelayUs.p99),
    eventLoopDelayMaxUs: over((server) => server.eventLoopDelayUs.max),
    gcMs: over((server) => server.gcMs),
    gcCount: over((server) => server.gcCount),
  };
}

/** @returns undefined when a trial has no such latency: a closed loop has no response time. */
function foldLatency(trials: readonly TrialLine[], which: 'service' | 'response'): Latency | undefined {
  const samples: LatencySample[] = [];
  for (const { latencyUs, measured, workload } of trials) {
    const summary = latencyUs[which];
    if (summary === null) return undefined;
    samples.push({
      histogram: summary.histogram,
      clamped: summary.clamped,
      sent: measured.sent,
      unanswered: missingOf(measured),
      drainUs: workload.phases.drainMs * 1000,
    });
  }
  return mergeLatency(samples);
}

function missingOf({ owed, delivered }: TrialLine['measured']): number {
  return Math.max(0, owed - delivered);
}

/**
 * A message that a receiver never had never reached its last one. There are no more of them than deliveries missing:
 * a message may also be absent from the histogram because too many were sent to follow each.
 *
 * @returns undefined when a trial has no such latency.
 */
function foldLast(trials: readonly TrialLine[]): Latency | undefined {
  const samples: LatencySample[] = [];
  for (const { latencyUs, measured, workload } of trials) {
    const { last } = latencyUs;
    if (last === undefined) return undefined;
    const unanswered = Math.min(Math.max(0, measured.sent - last.count), missingOf(measured));
    samples.push({
      histogram: last.histogram,
      clamped: last.clamped,
      sent: last.count + unanswered,
      unanswered,
      drainUs: workload.phases.drainMs * 1000,
    });
  }
  return mergeLatency(samples);
}

function foldSettings(trials: readonly TrialLine[]): Record<string, string> {
  const values = new Map<string, Set<string>>();
  for (const { settings } of trials)
    for (const [key, value] of Object.entries(settings))
      values.set(key, (values.get(key) ?? new Set()).add(String(value)));
  return Object.fromEntries([...values].map(([key, seen]) => [key, [...seen].join(' or ')]));
}

function foldWarnings(trials: readonly TrialLine[]): TrialWarning[] {
  const found = trials.flatMap((trial) => trial.doubts.map((reason) => ({ trial, reason })));
  return [...groupBy(found, ({ reason }) => reasonKey(reason)).values()].map((group) => {
    const reasons = group.map(({ reason }) => reason) as [Reason, ...Reason[]];
    const warned = new Set(group.map(({ trial }) => trial)).size;
    return { text: reasonText(reasons), reasons, trials: warned, of: trials.length };
  });
}
