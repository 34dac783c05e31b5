/** A claim about the harness, what a check of it finds, how a finding is judged, and the workload of its trials. */

import type { Load, Workload } from '../core/scenario.js';
import { formatDuration } from '../core/units.js';
import type { Rig } from './rig.js';

export type Pace = 'full' | 'quick';

export type Outcome =
  | 'holds'
  /** A time is wrong: because of the harness, or because other programs used the machine. */
  | 'fails'
  /** A count is wrong, which no other program can cause. */
  | 'wrong'
  /** It is a figure to know, not one to pass. */
  | 'noted'
  /** It cannot be checked here; `measured` says why. */
  | 'skipped';

/** A row of the table. */
export interface Finding {
  readonly claim: string;
  readonly groundTruth: string;
  readonly measured: string;
  readonly outcome: Outcome;
}

export interface Claim {
  /** For `--only`; claims of one name are about one thing. */
  readonly name: string;
  /** For progress. */
  readonly title: string;
  /** It needs a whole core: the least use of it by other programs is a disturbance. */
  readonly wholeCore?: boolean;
  /** @throws TrialFailure when a trial ended without figures. */
  check(rig: Rig, pace: Pace): Promise<readonly Finding[]>;
}

/** A count of the harness and of the server: equal or wrong. */
export function exactly(claim: string, groundTruth: number, measured: number): Finding {
  const [expected, found] = [groundTruth, measured].map((count) => count.toLocaleString('en-US')) as [string, string];
  return { claim, groundTruth: expected, measured: found, outcome: groundTruth === measured ? 'holds' : 'wrong' };
}

/** What other programs can make fail. */
export function expecting(claim: string, groundTruth: string, measured: string, holds: boolean): Finding {
  return { claim, groundTruth, measured, outcome: holds ? 'holds' : 'fails' };
}

/** A time that must lie within `toleranceUs` of the true one; both in us. */
export function within(claim: string, expectedUs: number, toleranceUs: number, measuredUs: number): Finding {
  const groundTruth = `${formatDuration(expectedUs)} ± ${formatDuration(toleranceUs)}`;
  const holds = Math.abs(measuredUs - expectedUs) <= toleranceUs;
  return expecting(claim, groundTruth, formatDuration(measuredUs), holds);
}

/** A time that must be shorter than `limitUs`; both in us. */
export function below(claim: string, limitUs: number, measuredUs: number): Finding {
  return expecting(claim, `< ${formatDuration(limitUs)}`, formatDuration(measuredUs), measuredUs < limitUs);
}

const connections = 50;

/** What a claim changes of `echoes`. */
export type Part = Partial<Omit<Workload, 'phases'>> & { readonly phases?: Partial<Workload['phases']> };

/** Echoes of 64 bytes over 50 connections, all sending. */
export function echoes(load: Load, measureMs: number, { phases, ...part }: Part = {}): Workload {
  return {
    kind: 'echo',
    connections,
    publishers: connections,
    load,
    payload: { sizeBytes: 64, type: 'text' },
    phases: { warmupMs: 200, measureMs, drainMs: 2_000, ...phases },
    connect: { ratePerSecond: 5_000, timeoutMs: 5_000 },
    ...part,
  };
}

export const evenly = (ratePerSecond: number): Load => ({ model: 'open', ratePerSecond, arrivals: 'constant' });
export const atRandom = (ratePerSecond: number): Load => ({ model: 'open', ratePerSecond, arrivals: 'poisson' });
export const inFlight = (inflight: number): Load => ({ model: 'closed', inflight });
