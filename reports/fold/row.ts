/** One row of a report: what all trials of one target, client and workload say together. */

import type { ClientName } from '../../core/client.js';
import type { Reason } from '../../core/measure/reason.js';
import type { Counts, TrialLine } from '../../core/result.js';
import type { Protocol } from '../../core/target.js';
import type { Figure } from './figure.js';
import type { Latency } from './latency.js';
import type { TimeFigures, WorkloadFigures } from './workload-metrics.js';

export interface InvalidTrial {
  readonly id: number;
  readonly block: number;
  readonly attempt: number;
  readonly reasons: readonly Reason[];
}

/** What valid trials of a row warn of. */
export interface TrialWarning {
  /** With the range of the figures. */
  readonly text: string;
  /** Of each trial that has it; they differ in their figures alone. */
  readonly reasons: readonly [Reason, ...Reason[]];
  readonly trials: number;
  /** All valid trials of the row. */
  readonly of: number;
}

/** The server as a row shows it; over trials whose server reported. Bytes and times as the names say. */
export interface ServerFigures {
  readonly cpuUsPerDelivery: Figure;
  readonly cpuPercent: Figure;
  readonly rssBytes: Figure;
  readonly idleRssBytes: Figure;
  /** (RSS - RSS before the first connection) / connections. */
  readonly rssBytesPerConnection: Figure;
  readonly heapBytes: Figure;
  readonly eventLoopDelayP50Us: Figure;
  readonly eventLoopDelayP99Us: Figure;
  readonly eventLoopDelayMaxUs: Figure;
  readonly gcMs: Figure;
  readonly gcCount: Figure;
}

/** The process that made the load; its busiest worker where there are several. */
export interface RunnerFigures {
  readonly workers: Figure;
  /** The pacing spin not counted; 0..1. */
  readonly eventLoopUtilization: Figure;
  readonly sendLagP50Us: Figure;
  readonly sendLagP99Us: Figure;
  readonly rssBytesPerConnection: Figure;
  readonly stolenShare: Figure;
}

/** What a connection takes on the wire from its first packet to the end of a stage; means of each trial. */
export interface ConnectCostFigures {
  readonly stage: string;
  readonly roundTrips: Figure;
  /** TCP payload. */
  readonly bytesIn: Figure;
  readonly bytesOut: Figure;
}

/** This row divided by the first measured row of its table; absent where either is unknown or zero. */
export interface Ratios {
  readonly deliveredPerSecond?: number;
  readonly serviceP50?: number;
  readonly serviceP99?: number;
  readonly cpuUsPerDelivery?: number;
}

interface RowName {
  readonly target: string;
  readonly trialsPlanned: number;
  readonly invalid: readonly InvalidTrial[];
}

export interface MeasuredRow extends RowName, WorkloadFigures {
  readonly state: 'measured';
  readonly client: ClientName;
  readonly transport: string;
  /** Absent in files of earlier versions. */
  readonly protocol?: Protocol;
  /** Package and version of what was measured. */
  readonly library: string;
  readonly trialsUsed: number;
  readonly connections: number;
  readonly deliveredPerSecond: Figure;
  readonly sentPerSecond: Figure;
  readonly bytesInPerDelivery: Figure;
  readonly bytesOutPerSend: Figure;
  readonly server?: ServerFigures;
  readonly runner: RunnerFigures;
  /** Deliveries a second, for kind connect openings, that the generator managed here against a server that answers without looking; see docs/calibration.md. */
  readonly headroomPerSecond?: number;
  /** Summed over trials, warm-up included. */
  readonly counts: Counts;
  /** Summed over trials, measured windows only. */
  readonly measured: TrialLine['measured'];
  readonly service: Latency;
  /** Absent for a closed loop. */
  readonly response?: Latency;
  /**
   * Until the last of its receivers had a message; it counts messages, and `unanswered` are those that a receiver never
   * had. Absent where each message has one receiver, and in files of earlier versions.
   */
  readonly last?: Latency;
  /** By stage, in the order in which a connection passes them. */
  readonly connect: readonly (TimeFigures & { readonly stage: string })[];
  /** In the same order; absent in files of earlier versions. */
  readonly connectCosts?: readonly ConnectCostFigures[];
  /** Most connections that opened within one second: ready, or where kind `connect` asks for more, answered. */
  readonly connectPeakPerSecond?: Figure;
  /** A setting that trials of the row disagree about has all its values, joined by " or ". */
  readonly settings: Readonly<Record<string, string>>;
  readonly warnings: readonly TrialWarning[];
  readonly ratios: Ratios;
}

/** A target that was asked for and has no figures. */
export interface EmptyRow extends RowName {
  readonly state: 'unavailable' | 'not run' | 'no valid trial';
  /** Known when a trial was at least tried. */
  readonly client?: ClientName;
  readonly reason: string;
}

export type Row = MeasuredRow | EmptyRow;
