/** Owns the lines of a result file: their fields, units and version. Written once by a run, read by every report. */

import type { Calibration } from './calibration.js';
import type { ClientName } from './client.js';
import type { Kind } from './kind.js';
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

/** The two versions that one job compares. */
export const sides = ['base', 'head'] as const;
export type Side = (typeof sides)[number];

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
  readonly connectFailed: number;
  readonly errors: Readonly<Record<string, number>>;
}

export interface ServerLane {
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

export interface RunnerLane {
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
  };
  readonly connectUs: Readonly<Record<string, { readonly p50: number; readonly p99: number; readonly max: number }>>;
  /** null when the server died before it could report. */
  readonly server: ServerLane | null;
  readonly runner: RunnerLane;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly valid: boolean;
  /** Why the trial is invalid, in words; empty when it is valid. */
  readonly invalidBecause: readonly string[];
  /** Printed beside the numbers; a doubt does not make a trial invalid. */
  readonly doubts: readonly string[];
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
