/** Owns the messages between a run and its workers; plain JSON, so that a worker could be on another host. */

import type { RunnerReading } from '../../core/measure/process-metrics.js';
import type { EncodedTally } from '../../core/measure/tally.js';
import type { Share } from '../../core/share.js';

export type ToWorker =
  /** Begin a trial. A worker takes one after another. */
  | { readonly type: 'share'; readonly share: Share }
  | { readonly type: 'connect' }
  /** Every worker has its connections: start the clock in `delayMs`. */
  | { readonly type: 'go'; readonly delayMs: number }
  /** Every worker has stopped sending: this worker's receivers are owed `owed` deliveries in all. */
  | { readonly type: 'drain'; readonly owed: number };

export interface WorkerMetrics {
  /** Share of the measured window spent working, the pacing spin not counted; 0..1. */
  readonly eventLoopUtilization: number;
  readonly heapGrowthBytes: number;
  readonly timeline: readonly RunnerReading[];
  readonly connectionsLost: number;
}

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'connected' }
  /** Messages, by room. */
  | { readonly type: 'sent'; readonly sent: readonly number[] }
  | { readonly type: 'done'; readonly tally: EncodedTally; readonly metrics: WorkerMetrics };
