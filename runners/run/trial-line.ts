/** Makes a trial's line in the result file: all figures put together, judged, in the units of the file. */

import { isPushed, uses } from '../../core/kind.js';
import { Histogram } from '../../core/measure/histogram.js';
import { summariseLatency } from '../../core/measure/latency.js';
import { besidePercent, type GeneratorMetrics, type ServerMetrics } from '../../core/measure/process-metrics.js';
import type { Reason } from '../../core/measure/reason.js';
import { Tally } from '../../core/measure/tally.js';
import { type Evidence, invalidity, type LatencyBounds, warnings } from '../../core/measure/validity.js';
import type { Side, Trial } from '../../core/plan.js';
import type { ForkWindow, TrialLine } from '../../core/result.js';
import type { Workload } from '../../core/scenario.js';
import { cut, maxNameChars } from '../../core/stored-value.js';
import type { TargetOptions } from '../../core/variant/target-options.js';
import type { LayersFound } from '../conversation/layers.js';
import { injectedFaultWarnings } from '../load/fault-injection.js';
import type { Cores } from '../machine/cores.js';
import type { CpuSource } from '../machine/process-cpu.js';
import type { ProcessReading } from '../machine/process-metrics.js';
import type { ServerReading } from '../server/server-message.js';
import { forSides, type Sides } from '../workers/sides.js';
import type { WorkerMetrics } from '../workers/worker-message.js';
import { combineTimelines } from '../workers/worker-metrics.js';
import { AgentFailure, type Elsewhere } from '../workers/workers.js';
import { messageOf } from './trial-failure.js';
import {
  type KernelReading,
  lastLatency,
  ratio,
  receiveWait,
  threeQuantiles,
  workloadMetrics,
} from './workload-metrics.js';

/** Where sides take turns: what one did in its windows. */
export interface Turns {
  /** Those that are measured, in order. */
  readonly windows: readonly ForkWindow[];
  /** Share of the time under load that is measured. */
  readonly measuredShare: number;
  readonly cpuSource: CpuSource;
}

/** What is known of a trial before it has measured anything. */
export interface Known
  extends Pick<TrialLine, 'attempt' | 'client' | 'protocol' | 'transport' | 'library' | 'settings'> {
  readonly trial: Trial;
  /** In a comparison of two versions. */
  readonly side: Side | undefined;
  /** Of its server, once it was started. */
  readonly cores?: Cores | undefined;
  /** That serve, where there are several. */
  readonly processes?: number | undefined;
  /** Of a variant. */
  readonly options?: TargetOptions | undefined;
  readonly latencyBounds?: LatencyBounds | undefined;
}

/** Everything known about a trial when it has ended, well or badly. */
export interface Outcome extends Known {
  readonly tally: Tally;
  readonly workerMetrics: readonly WorkerMetrics[];
  readonly reading: ServerReading | undefined;
  readonly process: ProcessReading | undefined;
  readonly failure: string | undefined;
  /** Whose failure it was, where it was that of an agent. */
  readonly failedAgent?: string | undefined;
  /** Where the load was made in other processes. */
  readonly elsewhere?: Elsewhere | undefined;
  /** Absent where nobody looked. */
  readonly kernel?: KernelReading | undefined;
  /** Absent where one window is what was measured. */
  readonly turns?: Turns | undefined;
  /** Absent where nobody asked. */
  readonly layers?: LayersFound | undefined;
}

/** The lines of all sides: a trial is used as a whole or not at all. */
export function trialLines(outcomes: Sides<Outcome>): Sides<TrialLine> {
  const lines = forSides(outcomes, (outcome) => ({ side: outcome.side, line: trialLine(outcome) }));
  const bad = lines.find(({ line }) => !line.valid);
  if (bad === undefined) return forSides(lines, ({ line }) => line);
  return forSides(lines, ({ line }) => (line.valid ? invalidBy(line, bad.side, bad.line.invalidBecause) : line));
}

/** The lines of a trial that measured nothing. @param blamed whose server failed; undefined: it is the harness's own. */
export function failedLines(known: Sides<Known>, error: unknown, blamed: Known['side']): Sides<TrialLine> {
  const failure = messageOf(error);
  const failedAgent = error instanceof AgentFailure ? error.agent : undefined;
  return forSides(known, (own) => {
    const nothing = { tally: new Tally(), workerMetrics: [], reading: undefined, process: undefined };
    const line = trialLine({ ...own, ...nothing, failure, failedAgent });
    return blamed === undefined || blamed === own.side ? line : invalidBy(line, blamed, line.invalidBecause);
  });
}

function invalidBy(line: TrialLine, side: Known['side'], reasons: readonly Reason[]): TrialLine {
  return { ...line, valid: false, invalidBecause: reasons.map((reason) => ({ ...reason, side })) };
}

export function trialLine(outcome: Outcome): TrialLine {
  const { trial, side, tally, turns } = outcome;
  const { workload } = trial;
  const reading = inWindows(outcome);
  const seconds = secondsOf(outcome);
  const { othersShares, serverStoppedUs, generatorStopped } = outcome.process ?? {};
  const server = reading
    ? {
        ...serverMetrics(reading, tally.deliveredInWindow, seconds),
        ...coresOf(outcome),
        ...shareOf(othersShares?.server),
      }
    : null;
  const runner = generatorMetrics(outcome);
  const lastOfAll = lastLatency(workload, tally);
  // Across hosts it is no better known than their clocks are, and stands with these.
  const clockBoundUs = outcome.elsewhere?.clockBoundUs;
  const last = clockBoundUs === undefined ? lastOfAll : undefined;
  const evidence: Evidence = {
    workload,
    tally,
    last,
    eventLoopUtilization: runner.eventLoopUtilization,
    serverCpuPercent: server?.cpuPercent,
    besidePercent: server ? besidePercent(server) : undefined,
    serverCores: server?.cores,
    serverProcesses: processesOn(outcome),
    busiestThread: server?.busiestThread,
    connectionsLost: outcome.workerMetrics.reduce((sum, metrics) => sum + metrics.connectionsLost, 0),
    stolenShare: runner.stolenShare,
    p50BySecondUs: runner.timeline.flatMap(({ latencyP50Us }) => latencyP50Us || []),
    othersShares,
    serverStoppedUs,
    generatorStopped,
    latencyBounds: outcome.latencyBounds,
    failedAgent: outcome.failedAgent,
    failure: outcome.failure === undefined ? undefined : cut(outcome.failure || 'it failed without a word'),
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
    library: cut(outcome.library, maxNameChars),
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
    deliveredPerSecond: ratio(tally.deliveredInWindow, seconds),
    sentPerSecond: ratio(tally.sentInWindow, seconds),
    bytesPerMessage: { in: ratio(tally.bytesIn, tally.delivered), out: ratio(tally.bytesOut, tally.sent) },
    latencyUs: {
      response: workload.load.model === 'open' ? summariseLatency(tally.response) : null,
      service: summariseLatency(tally.service),
      ...(last && { last: summariseLatency(last.histogram) }),
    },
    ...(clockBoundUs !== undefined &&
      tally.acrossHosts.count > 0 && {
        acrossHosts: {
          clockBoundUs,
          count: tally.acrossHosts.count,
          latency: threeQuantiles(tally.acrossHosts),
          ...(lastOfAll && { last: threeQuantiles(lastOfAll.histogram) }),
        },
      }),
    ...receiveWait(tally, last),
    connectUs: Object.fromEntries([...tally.connect].map(([stage, histogram]) => [stage, threeQuantiles(histogram)])),
    server,
    runner,
    settings: outcome.settings,
    valid: invalidBecause.length === 0,
    invalidBecause,
    doubts: [
      ...injectedFaultWarnings,
      ...warnings(evidence),
      ...(turns ? cpuWarnings[turns.cpuSource] : []),
      ...(outcome.layers?.warnings ?? []),
    ],
    ...workloadMetrics(workload, tally, reading, outcome.kernel),
    // Nobody can tell what was dropped from what was lost otherwise.
    ...(outcome.options?.volatile && { volatile: { dropped: Math.max(0, tally.lost) } }),
    ...(outcome.layers && { layers: outcome.layers.layers }),
    ...(turns && side && { fork: { side, windows: turns.windows } }),
  };
}

const shareOf = (othersShare: number | undefined) => othersShare !== undefined && { othersShare };

/** None where nothing is pinned. */
function coresOf({ cores, reading }: Outcome): Pick<ServerMetrics, 'cores' | 'coresBeside'> {
  const { server, beside } = cores ?? {};
  return { ...(server && { cores: server.length }), ...(beside && reading?.beside && { coresBeside: beside.length }) };
}

/** How many take turns on the cores of the server; undefined where nobody says. */
function processesOn({ processes, reading, cores }: Outcome): number | undefined {
  const companions = cores?.beside ? 0 : Object.keys(reading?.beside ?? {}).length;
  return processes === undefined ? undefined : processes + companions;
}

const cpuWarnings: Readonly<Record<CpuSource, readonly Reason[]>> = {
  schedstat: [],
  ticks: [{ code: 'cpu-in-ticks' }],
  none: [{ code: 'cpu-unknown' }],
};

function secondsOf({ trial, turns }: Outcome): number {
  if (turns === undefined) return trial.workload.phases.measureMs / 1000;
  return turns.windows.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** The server's reading as if only its side's windows had been: the CPU of the rest is not of what was delivered. */
function inWindows(outcome: Outcome): ServerReading | undefined {
  const { reading, turns } = outcome;
  if (reading === undefined || turns === undefined) return reading;
  const cpuUs =
    turns.cpuSource === 'none'
      ? reading.cpuUs * turns.measuredShare
      : turns.windows.reduce((sum, { serverCpuUs }) => sum + serverCpuUs, 0);
  const { busiestThread, beside = {} } = reading;
  // Nobody read these by window.
  const measured = <Used extends { readonly cpuUs: number }>(used: Used) => ({
    ...used,
    cpuUs: used.cpuUs * turns.measuredShare,
  });
  const ofCompanions = Object.entries(beside).map(([name, used]) => [name, measured(used)]);
  return {
    ...reading,
    cpuUs,
    observedUs: secondsOf(outcome) * 1e6,
    ...(reading.beside && { beside: Object.fromEntries(ofCompanions) }),
    ...(busiestThread && { busiestThread: measured(busiestThread) }),
  };
}

function counts(tally: Tally, { kind, exchange }: Workload): TrialLine['counts'] {
  const { scheduled, sent, dropped, owed, delivered, duplicated, reordered, corrupted, connectFailed } = tally;
  // Below 0 where more came than was ever sent, which makes the trial invalid.
  const lost = Math.max(0, tally.lost);
  const messages = { scheduled, sent, dropped, owed, delivered, lost, duplicated, reordered, corrupted };
  const misrouted = uses(kind, 'rooms') && { misrouted: tally.misrouted };
  const errors = Object.fromEntries(tally.errors);
  const others = tally.others.size > 0 && { others: Object.fromEntries(tally.others) };
  const unrecognised = exchange && { unrecognised: tally.unrecognised };
  return { ...messages, ...misrouted, connectFailed, errors, ...others, ...unrecognised };
}

/** The server looks at the clock when it can; its CPU is scaled to the window in which deliveries were counted. */
function serverMetrics(reading: ServerReading, delivered: number, seconds: number): ServerMetrics {
  const { observedUs, cpuUs, beside, busiestThread, ...others } = reading;
  const { idleHeapBytes: _, idleExternalBytes: __, rssAtStartBytes: ___, ...rest } = others;
  const percent = (usedUs: number) => ratio(100 * usedUs, observedUs);
  const perDelivery = (usedUs: number) => ratio(ratio(usedUs, observedUs) * seconds * 1e6, delivered);
  const ofCompanions = Object.entries(beside ?? {}).map(([name, { cpuUs, rssBytes }]) => [
    name,
    { cpuUsPerDelivery: perDelivery(cpuUs), rssBytes, cpuPercent: percent(cpuUs) },
  ]);
  return {
    ...rest,
    ...(beside && { beside: Object.fromEntries(ofCompanions) }),
    cpuUsPerDelivery: perDelivery(cpuUs),
    cpuPercent: percent(cpuUs),
    ...(busiestThread && {
      busiestThread: { process: cut(busiestThread.process, maxNameChars), cpuPercent: percent(busiestThread.cpuUs) },
    }),
  };
}

function generatorMetrics({ workerMetrics, tally, process, trial, elsewhere }: Outcome): GeneratorMetrics {
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
    ...shareOf(process?.othersShares.generator),
    ...(elsewhere && { agents: elsewhere.agents }),
  };
}
