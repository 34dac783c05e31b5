/** Owns the making of a trial's line: the figures of all lanes put together, judged, in the units of the result file. */

import type { ClientName } from '../../core/client.js';
import { isPushed, uses } from '../../core/kind.js';
import { Histogram } from '../../core/measure/histogram.js';
import { summariseLatency } from '../../core/measure/latency.js';
import type { GeneratorMetrics, ServerMetrics } from '../../core/measure/process-metrics.js';
import { Tally } from '../../core/measure/tally.js';
import { type Evidence, invalidity, warnings } from '../../core/measure/validity.js';
import type { Trial } from '../../core/plan.js';
import type { ForkSide, TrialLine } from '../../core/result.js';
import type { Workload } from '../../core/scenario.js';
import type { Protocol, Transport } from '../../core/target.js';
import { injectedFaultWarnings } from '../load/fault-injection.js';
import type { ServerReading } from '../server/server-message.js';
import type { WorkerMetrics } from '../workers/worker-message.js';
import { type KernelReading, lastLatency, threeQuantiles, workloadMetrics } from './workload-metrics.js';

/** What the process that makes the load used; see `process-lane.ts`. */
export interface ProcessReading {
  readonly cpuPercent: number;
  readonly rssBytes: number;
  readonly connectRssBytes: number;
  readonly stolenShare: number;
}

/** Everything known about a trial when it has ended, well or badly. */
export interface Outcome {
  readonly trial: Trial;
  readonly attempt: number;
  readonly client: ClientName;
  readonly protocol: Protocol;
  readonly transport: Transport;
  readonly library: string;
  readonly settings: TrialLine['settings'];
  readonly tally: Tally;
  readonly workerMetrics: readonly WorkerMetrics[];
  readonly reading: ServerReading | undefined;
  readonly process: ProcessReading | undefined;
  readonly failure: string | undefined;
  /** Absent where nobody looked. */
  readonly kernel?: KernelReading | undefined;
  /** Of one side of a fork: what its windows hold, which then are what was measured. */
  readonly fork?: ForkSide | undefined;
}

/** What is known of a trial before it has measured anything. */
export type Known = Pick<Outcome, 'trial' | 'attempt' | 'client' | 'protocol' | 'transport' | 'library' | 'settings'>;

/** An outcome without any figures: the trial failed before it measured anything. */
export function failedOutcome(known: Known, failure: string): Outcome {
  return { ...known, tally: new Tally(), workerMetrics: [], reading: undefined, process: undefined, failure };
}

export function trialLine(outcome: Outcome): TrialLine {
  const { trial, tally, reading } = outcome;
  const { workload } = trial;
  const seconds = secondsOf(outcome);
  const server = reading ? serverMetrics(reading, tally.deliveredInWindow, seconds) : null;
  const runner = generatorMetrics(outcome);
  const evidence: Evidence = {
    workload,
    tally,
    eventLoopUtilization: runner.eventLoopUtilization,
    serverCpuPercent: server?.cpuPercent,
    connectionsLost: outcome.workerMetrics.reduce((sum, metrics) => sum + metrics.connectionsLost, 0),
    stolenShare: runner.stolenShare,
    failure: outcome.failure,
  };
  const invalidBecause = invalidity(evidence);
  return {
    type: 'trial',
    id: trial.id,
    target: trial.target,
    kind: workload.kind,
    client: outcome.client,
    protocol: outcome.protocol,
    transport: outcome.transport,
    library: outcome.library,
    block: trial.block,
    attempt: outcome.attempt,
    workload,
    connections: workload.connections,
    seconds,
    counts: counts(tally, workload),
    measured: {
      scheduled: tally.measuredScheduled,
      sent: tally.measuredSent,
      owed: tally.measuredOwed,
      delivered: tally.measuredDelivered,
    },
    deliveredPerSecond: tally.deliveredInWindow / seconds,
    sentPerSecond: tally.sentInWindow / seconds,
    bytesPerMessage: { in: ratio(tally.bytesIn, tally.delivered), out: ratio(tally.bytesOut, tally.sent) },
    latencyUs: {
      response: workload.load.model === 'open' ? summariseLatency(tally.response) : null,
      service: summariseLatency(tally.service),
      ...lastLatency(workload, tally),
    },
    connectUs: Object.fromEntries([...tally.connect].map(([stage, histogram]) => [stage, threeQuantiles(histogram)])),
    server,
    runner,
    settings: outcome.settings,
    valid: invalidBecause.length === 0,
    invalidBecause,
    doubts: [...injectedFaultWarnings, ...warnings(evidence)],
    ...workloadMetrics(workload, tally, reading, outcome.kernel),
    ...(outcome.fork && { fork: outcome.fork }),
  };
}

function secondsOf({ trial, fork }: Outcome): number {
  if (fork === undefined) return trial.workload.phases.measureMs / 1000;
  return fork.windows.reduce((sum, { seconds }) => sum + seconds, 0);
}

function counts(tally: Tally, { kind }: Workload): TrialLine['counts'] {
  return {
    scheduled: tally.scheduled,
    sent: tally.sent,
    dropped: tally.dropped,
    owed: tally.owed,
    delivered: tally.delivered,
    lost: tally.lost,
    duplicated: tally.duplicated,
    reordered: tally.reordered,
    corrupted: tally.corrupted,
    ...(uses(kind, 'rooms') && { misrouted: tally.misrouted }),
    connectFailed: tally.connectFailed,
    errors: Object.fromEntries(tally.errors),
  };
}

/** The server looks at the clock when it can; its CPU is scaled to the window in which deliveries were counted. */
function serverMetrics(reading: ServerReading, delivered: number, seconds: number): ServerMetrics {
  const { observedUs, cpuUs, idleHeapBytes: _, idleExternalBytes: __, rssAtStartBytes: ___, ...rest } = reading;
  const cpuShare = cpuUs / observedUs;
  return { ...rest, cpuUsPerDelivery: ratio(cpuShare * seconds * 1e6, delivered), cpuPercent: 100 * cpuShare };
}

function generatorMetrics({ workerMetrics, tally, process, trial }: Outcome): GeneratorMetrics {
  return {
    workers: workerMetrics.length,
    eventLoopUtilization: Math.max(0, ...workerMetrics.map((metrics) => metrics.eventLoopUtilization)),
    // What the server sends unasked is late by its own doing; see `TrialLine.pushLagUs`.
    sendLagUs: threeQuantiles(isPushed(trial.workload.kind) ? new Histogram() : tally.sendLag),
    cpuPercent: process?.cpuPercent ?? 0,
    rssBytes: process?.rssBytes ?? 0,
    rssBytesPerConnection: Math.max(0, process?.connectRssBytes ?? 0) / trial.workload.connections,
    heapGrowthBytes: workerMetrics.reduce((sum, metrics) => sum + metrics.heapGrowthBytes, 0),
    timeline: combineTimelines(workerMetrics),
    stolenShare: process?.stolenShare ?? 0,
  };
}

/** Second by second: the busiest and latest worker, the heap of all. Workers start together, so readings line up. */
function combineTimelines(workerMetrics: readonly WorkerMetrics[]): GeneratorMetrics['timeline'] {
  const [first, ...others] = workerMetrics.map((metrics) => metrics.timeline);
  return (first ?? []).map((reading, i) =>
    others.reduce((sum, timeline) => {
      const other = timeline[i];
      if (!other) return sum;
      return {
        atMs: sum.atMs,
        eventLoopUtilization: Math.max(sum.eventLoopUtilization, other.eventLoopUtilization),
        heapBytes: sum.heapBytes + other.heapBytes,
        sendLagP99Us: Math.max(sum.sendLagP99Us, other.sendLagP99Us),
      };
    }, reading),
  );
}

function ratio(amount: number, parts: number): number {
  return parts > 0 ? amount / parts : 0;
}
