/** Owns the lines of a result file: their fields, units and version. Written once by a run, read by every report. */

import type { ClientName, StageCost } from './client.js';
import type { Kind } from './kind.js';
import type { Calibration } from './measure/calibration.js';
import type { Side } from './plan.js';
import type { Scenario, Workload } from './scenario.js';
import type { Protocol } from './target.js';

/** Major version: a reader refuses any other. Adding fields does not change it. */
export const schemaVersion = 1;

export interface LatencySummary {
  readonly count: number;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly mean: number;
  /** Values above the range of the histogram, recorded as its highest. */
  readonly clamped: number;
  /** HdrHistogram V2 compressed encoding, base64. */
  readonly histogram: string;
}

export interface Environment {
  readonly os: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
  /** Version of every library measured, by package name. */
  readonly libraries: Readonly<Record<string, string>>;
  /** How server and runners were kept apart, e.g. "server on core 0, runners on core 1". */
  readonly pinning: string;
}

/** What stands behind a side of a comparison. */
export interface SideLabel {
  /** Target name, or the path of the user's own server module as it was given. */
  readonly target: string;
  /** As the user named it, `main` for example; absent where two modules are compared without git. */
  readonly revision?: string | undefined;
  readonly commit?: string | undefined;
  readonly dirty?: boolean | undefined;
}

/** A time at which a comparison looks at its forks, so many of them valid, and how sure it must be then. */
export interface Look {
  readonly forks: number;
  readonly alpha: number;
}

export interface RunLine {
  readonly type: 'run';
  readonly schema: number;
  readonly tool: string;
  /** Wall clock, ISO 8601: a label only. */
  readonly startedAt: string;
  readonly scenario: Scenario;
  readonly environment: Environment;
  readonly git: { readonly commit: string; readonly dirty: boolean } | null;
  readonly seed: number;
  /** Targets that could not run here and why. */
  readonly unavailable: Readonly<Record<string, string>>;
  /** The last calibration of this machine, null when there was none; absent in files of earlier versions. */
  readonly calibration?: Calibration | null | undefined;
  /** Only in a comparison of two versions in one job (`bench ab`), whose trials are named `base` and `head`. */
  readonly sides?: Readonly<Record<Side, SideLabel>> | undefined;
  /** Only with `sides`: planned before the first fork, in order. */
  readonly looks?: readonly Look[] | undefined;
}

export interface Counts {
  /** Messages that the load model called for. */
  readonly scheduled: number;
  readonly sent: number;
  /** Scheduled but impossible to send. scheduled = sent + dropped. */
  readonly dropped: number;
  /** Deliveries owed for what was sent. owed = delivered + lost. */
  readonly owed: number;
  /** Distinct deliveries received. */
  readonly delivered: number;
  /** Owed and not received when the drain ended. */
  readonly lost: number;
  readonly duplicated: number;
  /** Delivered after a later message of the same sender. */
  readonly reordered: number;
  /** Arrived, but not as the bytes that were sent. */
  readonly corrupted: number;
  /** Arrived in another room than its own; absent where there is one room. */
  readonly misrouted?: number | undefined;
  readonly connectFailed: number;
  readonly errors: Readonly<Record<string, number>>;
}

export interface ServerMetrics {
  readonly cpuUsPerDelivery: number;
  readonly cpuPercent: number;
  readonly rssBytes: number;
  /** RSS before the first connection: what the runtime and the library cost idle. */
  readonly idleRssBytes: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
  readonly eventLoopDelayUs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly gcMs: number;
  readonly gcCount: number;
  /** About one reading a second over the measured window. */
  readonly timeline: readonly {
    readonly atMs: number;
    readonly cpuPercent: number;
    readonly rssBytes: number;
    readonly heapBytes: number;
  }[];
}

/** What one worker, or all of them together, did in about a second. */
export interface RunnerReading {
  readonly atMs: number;
  readonly eventLoopUtilization: number;
  readonly heapBytes: number;
  /** p99 of the messages sent in this second; 0 when there were none. */
  readonly sendLagP99Us: number;
}

export interface GeneratorMetrics {
  readonly workers: number;
  /** Busiest worker, its pacing spin not counted as use; 0..1. */
  readonly eventLoopUtilization: number;
  /** sent - due of measured messages; open loop only. */
  readonly sendLagUs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly cpuPercent: number;
  /** RSS of the whole process that makes the load, at the end of the measured window. */
  readonly rssBytes: number;
  /** RSS added by opening the connections, for each of them. */
  readonly rssBytesPerConnection: number;
  /** JavaScript heap added over the measured window. */
  readonly heapGrowthBytes: number;
  /** About one reading a second over the measured window, of the busiest worker or the sum of all. */
  readonly timeline: readonly RunnerReading[];
  /** Share of the machine's time that its hypervisor gave to others during the measured window; 0..1. */
  readonly stolenShare: number;
}

/** What one side of a fork did in one of its windows, the settling at the window's beginning left out. */
export interface ForkWindow {
  readonly seconds: number;
  readonly delivered: number;
  /** CPU time of all threads of the server's process. */
  readonly serverCpuUs: number;
}

/** One side of a fork: a pair of fresh servers, both alive, between which the load alternates in short windows. */
export interface ForkSide {
  readonly side: Side;
  /** The n-th window of base and the n-th of head are neighbours in time. */
  readonly windows: readonly ForkWindow[];
}

/** What slow readers were owed in the whole trial, and what they got when they read again: the rest was dropped. */
export interface SlowReaders {
  readonly readers: number;
  readonly owed: number;
  readonly delivered: number;
  /** Of the server, from the start of the measured window to its end. */
  readonly serverRssGrowthBytes: number;
}

/** What an outage did. */
export interface Reconnection {
  readonly cutOff: number;
  readonly reconnected: number;
  /** Of those that came back, from the outage to being ready. */
  readonly reconnectUs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Most connections that came back within one second. */
  readonly peakPerSecond: number;
  /** Deliveries that a connection missed while it was away and was given when it was back. */
  readonly recovered: number;
  /** Deliveries that it missed and was never given. */
  readonly lost: number;
}

/** What connections cost that only are there; of each, or of the whole server in an hour with the usual heartbeat. */
export interface Holding {
  /** Of both ends, from /proc/net/sockstat and /proc/meminfo; null where there are none. */
  readonly kernelBytesPerConnection: number | null;
  readonly serverRssBytesPerConnection: number;
  readonly serverHeapBytesPerConnection: number;
  readonly serverExternalBytesPerConnection: number;
  /** TCP payload of a connection in an hour. */
  readonly bytesInPerHour: number;
  readonly bytesOutPerHour: number;
  /** CPU time of the server for one connection in an hour. */
  readonly serverCpuUsPerHour: number;
}

export interface TrialLine {
  readonly type: 'trial';
  readonly id: number;
  readonly target: string;
  readonly kind: Kind;
  readonly client: ClientName;
  /** Absent in files of earlier versions. */
  readonly protocol?: Protocol | undefined;
  readonly transport: string;
  readonly library: string;
  readonly block: number;
  /** 1 unless earlier attempts of this trial were invalid. */
  readonly attempt: number;
  readonly workload: Workload;
  readonly connections: number;
  /** Length of the measured window. */
  readonly seconds: number;
  /** Whole trial, warm-up included: every message is accounted for. */
  readonly counts: Counts;
  /** Messages due in the measured window: scheduled, sent inside it, and their deliveries. */
  readonly measured: {
    readonly scheduled: number;
    readonly sent: number;
    readonly owed: number;
    readonly delivered: number;
  };
  /** Deliveries that arrived within the measured window, a second. */
  readonly deliveredPerSecond: number;
  readonly sentPerSecond: number;
  /** TCP payload bytes of all connections: in a delivery, out a send; heartbeats and polling included. */
  readonly bytesPerMessage: { readonly in: number; readonly out: number };
  readonly latencyUs: {
    /** received - due; null for a closed loop, which has no schedule to be late against. */
    readonly response: LatencySummary | null;
    /** received - sent. */
    readonly service: LatencySummary;
    /**
     * Until the last receiver had the message: from due, from sent in a closed loop. Of the messages that reached all of
     * theirs. Absent where each message has one receiver.
     */
    readonly last?: LatencySummary | undefined;
  };
  readonly connectUs: Readonly<Record<string, { readonly p50: number; readonly p99: number; readonly max: number }>>;
  /** null when the server died before it could report. */
  readonly server: ServerMetrics | null;
  readonly runner: GeneratorMetrics;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly valid: boolean;
  /** Why the trial is invalid, in words; empty when it is valid. */
  readonly invalidBecause: readonly string[];
  /** Printed beside the numbers; a doubt does not make a trial invalid. */
  readonly doubts: readonly string[];
  /** Of a connection, by stage; see `StageCost`. Absent in files of earlier versions. */
  readonly connectCosts?: Readonly<Record<string, StageCost>> | undefined;
  /** Most connections that became ready within one second. */
  readonly connectPeakPerSecond?: number | undefined;
  /** Kind push: how late the server itself was, sent - due. */
  readonly pushLagUs?: { readonly p50: number; readonly p99: number; readonly max: number } | undefined;
  readonly slowReaders?: SlowReaders | undefined;
  readonly visits?: { readonly made: number; readonly delivered: number } | undefined;
  readonly reconnection?: Reconnection | undefined;
  readonly holding?: Holding | undefined;
  /** Only in a comparison of two versions in one job; `block` is the number of the fork, and `seconds` that of all windows. */
  readonly fork?: ForkSide | undefined;
}

export interface EndLine {
  readonly type: 'end';
  readonly trials: number;
  readonly invalid: number;
  readonly interrupted: boolean;
  readonly seconds: number;
}

export type ResultLine = RunLine | TrialLine | EndLine;

/** Quantiles that reports show, with the sends needed before one is shown as firm: sends x (1 - q) >= 100. */
export const quantiles = { p50: 0.5, p90: 0.9, p99: 0.99, p999: 0.999 } as const;
export const firmTailCount = 100;
