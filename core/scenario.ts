/** Owns what the user asked for: defaults filled, units resolved, sweeps still to be multiplied. Plain JSON. */

import type { ClientName, PayloadType } from './client.js';
import type { Kind } from './kind.js';

export type Load =
  | { readonly model: 'open'; readonly ratePerSecond: number; readonly arrivals: 'constant' | 'poisson' }
  | { readonly model: 'closed'; readonly inflight: number };

/** One set of parameters: what a trial of any target does. */
export interface Workload {
  readonly kind: Kind;
  readonly connections: number;
  /** How many of the connections send; at most `connections`. */
  readonly publishers: number;
  /** `ratePerSecond` is the rate of all publishers together; `inflight` is for each publisher. */
  readonly load: Load;
  readonly payload: { readonly sizeBytes: number; readonly type: PayloadType };
  readonly phases: { readonly warmupMs: number; readonly measureMs: number; readonly drainMs: number };
  readonly connect: { readonly ratePerSecond: number; readonly timeoutMs: number };
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
