/** Owns how busy a worker's thread is: what its event loop and its wake say at two moments. */

import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Clock } from '../../core/clock.js';
import type { SpinTimer } from '../load/spin-timer.js';

export interface ThreadMark {
  readonly atUs: number;
  readonly idleMs: number;
  readonly spunUs: number;
  readonly heapBytes: number;
}

export interface ThreadSpan {
  readonly from: ThreadMark;
  readonly to: ThreadMark;
}

export function markThread(clock: Clock, timer: SpinTimer): ThreadMark {
  return {
    atUs: clock.nowUs(),
    idleMs: performance.eventLoopUtilization().idle,
    spunUs: timer.spunUs,
    heapBytes: getHeapStatistics().used_heap_size,
  };
}

/** Share of the time of all spans spent neither waiting for events nor spinning in vain; 0..1. */
export function utilization(...spans: readonly ThreadSpan[]): number {
  let elapsedUs = 0;
  let busyUs = 0;
  for (const { from, to } of spans) {
    const awakeUs = to.atUs - from.atUs - (to.idleMs - from.idleMs) * 1000;
    elapsedUs += to.atUs - from.atUs;
    busyUs += awakeUs - (to.spunUs - from.spunUs);
  }
  return elapsedUs > 0 ? Math.max(0, busyUs) / elapsedUs : 0;
}
