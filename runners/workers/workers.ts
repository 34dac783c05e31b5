/** Who carries the load of a trial: worker threads of this process, or agents on other hosts. */

import type { AgentFigures } from '../../core/measure/process-metrics.js';
import type { ProcessReading } from '../machine/process-metrics.js';
import type { FromWorker, ToWorker } from './worker-message.js';

/** An answer of one type. */
export type Answer<T> = Extract<FromWorker, { type: T }>;

export interface Workers {
  /** Between the barrier and the first message: time for every worker to hear that it is passed. */
  readonly startDelayMs: number;
  /**
   * Workers for the next trial: those of the last one, whose compiled code is warm, where they can be kept.
   * @param fresh has them replaced all the same.
   * @returns how many there are: fewer than `count` where fewer are possible.
   * @throws Error in one sentence.
   */
  provide(count: number, fresh?: boolean): Promise<number>;
  /**
   * Sends each worker its message, and waits until all have answered with a message of this type.
   * @throws Error in one sentence when a worker fails or the workers are dismissed.
   */
  ask<T extends FromWorker['type']>(type: T, message: (worker: number) => ToWorker): Promise<Answer<T>[]>;
  /** Ends the workers, and whatever still waits for them: their trial failed, or there is none left. */
  dismiss(): Promise<void>;
  /** Of workers in other processes than this: their ids, where they are on this machine. */
  readonly pids: readonly number[];
  /** What workers in other processes measured of these in the last trial; undefined for threads of this process. */
  readonly elsewhere?: Elsewhere | undefined;
}

export interface Elsewhere {
  /** By name. */
  readonly agents: Readonly<Record<string, AgentFigures>>;
  /** Of all processes that made the load. */
  readonly process: Omit<ProcessReading, 'othersShares' | 'serverStoppedUs'> & {
    readonly othersShare?: number | undefined;
  };
  /** By how much times across hosts may be wrong, at most; undefined where everything was on one host. */
  readonly clockBoundUs?: number | undefined;
}

/** The failure of an agent, which ends the trial; the message says how. */
export class AgentFailure extends Error {
  constructor(
    readonly agent: string,
    how: string,
  ) {
    super(how);
  }
}
