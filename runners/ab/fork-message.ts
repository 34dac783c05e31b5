/** Owns the messages between a comparison and its workers; plain JSON, times in us on the host's monotonic clock. */

import type { EncodedTally } from '../../core/measure/tally.js';
import type { Side } from '../../core/plan.js';
import type { Share } from '../../core/share.js';
import type { Window } from '../load/window.js';
import type { WindowReading } from '../workers/window-meter.js';
import type { WorkerMetrics } from '../workers/worker-message.js';
import type { Both } from './both.js';

export type ToForkWorker =
  /** Begin a fork. `pids` of the servers go to one worker only, which reads their CPU. */
  | {
      readonly type: 'fork';
      readonly shares: Both<Share>;
      /** The side that comes first in everything, by chance. */
      readonly first: Side;
      readonly pids: Both<number> | undefined;
    }
  | { readonly type: 'connect' }
  /** Every worker has its connections: follow the plan. */
  | { readonly type: 'go'; readonly windows: Both<readonly Window[]> }
  /** Every worker has stopped sending: this worker's receivers are owed so many deliveries, which may come until `toUs`. */
  | { readonly type: 'drain'; readonly owed: Both<number>; readonly toUs: number };

/** What one worker has of one side. */
export interface SideShare {
  readonly tally: EncodedTally;
  readonly metrics: WorkerMetrics;
  /** Of the measured windows, in order. */
  readonly windows: readonly WindowReading[];
}

export type CpuSource = 'schedstat' | 'ticks' | 'none';

export type FromForkWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'connected' }
  /** Messages, by room. */
  | { readonly type: 'sent'; readonly sent: Both<readonly number[]> }
  | { readonly type: 'done'; readonly sides: Both<SideShare>; readonly cpuSource: CpuSource };
