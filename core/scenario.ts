/** Owns what the user asked for: defaults filled, units resolved, sweeps still to be multiplied. Plain JSON. */

import type { ClientName } from './client.js';
import type { Kind } from './kind.js';
import type { PayloadType } from './message.js';

/** A proxy between clients and server that lets plain HTTP through and does this to a WebSocket upgrade. */
export const blockings = ['refuse', 'swallow', 'cut'] as const;
/** refuse: 403. swallow: no answer. cut: the handshake is answered, then the connection is reset. */
export type Blocking = (typeof blockings)[number];

export const outageKinds = ['reset', 'restart'] as const;

/** Every connection is lost, `afterMs` after the start of the measured window. */
export interface Outage {
  /** reset: the connections are reset. restart: the server is killed, and a fresh one started. */
  readonly how: (typeof outageKinds)[number];
  readonly afterMs: number;
  /** Socket.IO: with connection state recovery. */
  readonly recovery: boolean;
}

/** Connections that come and go during warm-up and measurement, each into the next room; nothing is owed to them. */
export interface Visitors {
  /** Poisson arrivals, of all workers together. */
  readonly ratePerSecond: number;
  readonly stayMs: number;
}

export type Load =
  | { readonly model: 'open'; readonly ratePerSecond: number; readonly arrivals: 'constant' | 'poisson' }
  | { readonly model: 'closed'; readonly inflight: number }
  /** No messages at all. */
  | { readonly model: 'none' };

/** One set of parameters: what a trial of any target does. */
export interface Workload {
  readonly kind: Kind;
  readonly connections: number;
  /** How many of the connections send; at most `connections`, 0 where the server or nobody sends. */
  readonly publishers: number;
  /**
   * `ratePerSecond` is the rate of all publishers together, for kind push that of the server, and for kind connect that
   * of connections to be opened; `inflight` is for each publisher.
   */
  readonly load: Load;
  readonly payload: { readonly sizeBytes: number; readonly type: PayloadType };
  readonly phases: { readonly warmupMs: number; readonly measureMs: number; readonly drainMs: number };
  readonly connect: { readonly ratePerSecond: number; readonly timeoutMs: number };
  /** Kind room: how many; connections are dealt to them in turn. */
  readonly rooms?: number | undefined;
  /** Kind ack: what takes longer is counted as `ack-timeout` and not as delivered. */
  readonly ackTimeoutMs?: number | undefined;
  /** Connections that read nothing during the measured window, the last ones by number; they do not send. */
  readonly slowReaders?: number | undefined;
  readonly visitors?: Visitors | undefined;
  readonly blocking?: Blocking | undefined;
  readonly outage?: Outage | undefined;
  /** Heartbeat of the server; undefined: the usual one of `settings`. */
  readonly heartbeatMs?: number | undefined;
}

export interface Scenario {
  /** File name without its ending. */
  readonly name: string;
  /** First comment line of the file: the question it answers. Empty when there is none. */
  readonly question: string;
  readonly targets: readonly string[];
  /** Undefined: `wire` where the transport allows, else `library`. */
  readonly client?: ClientName | undefined;
  /** One for each combination of the values under `sweep`, in the order of the file; one when there is no sweep. */
  readonly workloads: readonly Workload[];
  /** Repetitions of every target and workload. */
  readonly trials: number;
  /** Undefined: chosen at random and recorded. */
  readonly seed?: number | undefined;
  /** Worker threads; undefined: as many as the machine and the connections call for. */
  readonly runners?: number | undefined;
  /** Each as it was written, `p99 < 50ms` for example; every one has been parsed once. Undefined: none. */
  readonly gates?: readonly string[] | undefined;
  /** Of a ladder: a target whose p95 exceeds this is not asked for the workloads that follow. Undefined: no ladder. */
  readonly stopAboveP95Us?: number | undefined;
}

/** Values from the command line that replace those of the file; same units as in the types above. */
export interface Overrides {
  readonly targets?: readonly string[];
  readonly client?: ClientName;
  readonly connections?: number;
  readonly ratePerSecond?: number;
  readonly inflight?: number;
  readonly sizeBytes?: number;
  readonly measureMs?: number;
  readonly warmupMs?: number;
  readonly trials?: number;
  readonly runners?: number;
  readonly seed?: number;
  readonly gates?: readonly string[];
  /** One short trial of each target and workload. */
  readonly quick?: boolean;
}

/** One thing wrong with a scenario: where, what and what to do about it. Lines and columns count from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}
