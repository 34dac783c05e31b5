/** Messages between a run and its agents, sealed on their way: who takes part, then the messages of and to worker threads. */

import type { FromWorker, ToWorker } from '../workers/worker-message.js';
import type { ClockReading } from './host-clock.js';

/** The data of a job: one trial on one agent. It holds nothing of the load. */
export interface TrialJob {
  readonly trial: string;
}

export type Order =
  /** The first of a trial. */
  | {
      readonly type: 'provide';
      readonly threads: number;
      readonly fresh: boolean;
      /** Those of the server under test, where it is on the agent's machine: they are left to it. Undefined: it is not. */
      readonly serverCores?: readonly number[] | undefined;
      /** Neither the run nor another agent of the trial is on the agent's machine. */
      readonly isAlone: boolean;
    }
  /** A message for each thread, and what each is to answer with. */
  | { readonly type: 'tell'; readonly expects: FromWorker['type']; readonly messages: readonly ToWorker[] }
  | { readonly type: 'abort' };

/** Of the agent's process, over the measured window. */
export interface AgentReading {
  readonly cpuPercent: number;
  readonly rssBytes: number;
  readonly connectRssBytes: number;
  readonly stolenShare: number;
  readonly othersShare?: number | undefined;
  readonly generatorStopped: boolean;
}

export type AgentAnswer = { readonly agent: string } & (
  | { readonly type: 'provided'; readonly clock: ClockReading }
  | { readonly type: 'told'; readonly answers: readonly FromWorker[]; readonly reading?: AgentReading | undefined }
  | { readonly type: 'failed'; readonly why: string }
);
