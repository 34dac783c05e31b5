/** Messages between a run and its workers: plain JSON, so that a worker could be on another host. */

import type { RunnerReading } from '../../core/measure/process-metrics.js';
import type { EncodedTally } from '../../core/measure/tally.js';
import type { ForkWindow } from '../../core/result.js';
import type { Window } from '../../core/schedule.js';
import type { CutSender, KillAccount, Share } from '../../core/share.js';
import type { CpuSource } from '../machine/process-cpu.js';
import type { Sides } from './sides.js';

/** Lists are by side of the trial. */
export type ToWorker =
  /**
   * Begin a trial; a worker takes one after another. The ids of the servers' processes go to one worker only, which
   * reads their CPU in each window.
   */
  | {
      readonly type: 'trial';
      readonly shares: Sides<Share>;
      readonly cpuOf?: readonly (readonly number[])[] | undefined;
    }
  | { readonly type: 'connect' }
  /** Every worker has its connections: send in these windows, in us on the worker's clock. */
  | { readonly type: 'go'; readonly windows: readonly (readonly Window[])[] }
  /** Every worker has stopped sending: this worker's receivers are owed so many deliveries, which may come until `toUs`. */
  | {
      readonly type: 'drain';
      readonly owed: readonly number[];
      readonly toUs: number;
      /** By side; absent where no process was killed. */
      readonly kill?: readonly KillAccount[] | undefined;
    };

export interface WorkerMetrics {
  /** Share of the measured time spent working, the pacing spin not counted; 0..1. */
  readonly eventLoopUtilization: number;
  readonly heapGrowthBytes: number;
  readonly timeline: readonly RunnerReading[];
  readonly connectionsLost: number;
}

/** What one worker has of one side. */
export interface SidePart {
  readonly tally: EncodedTally;
  readonly metrics: WorkerMetrics;
  /** The measured windows in order, where sides take turns; the CPU in them is 0 from a worker that does not look. */
  readonly windows: readonly ForkWindow[];
  readonly cpuSource: CpuSource;
}

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'connected' }
  /** Messages, by side and room, and senders of this worker that an outage has cut off so far, by side. */
  | {
      readonly type: 'sent';
      readonly sent: readonly (readonly number[])[];
      readonly cutOff: readonly (readonly CutSender[])[];
    }
  | { readonly type: 'done'; readonly sides: readonly SidePart[] };
