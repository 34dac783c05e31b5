/** Owns what is measured inside a worker: was it the server that was slow, or this thread? */

import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Clock } from '../core/clock.js';
import type { SpinningWake } from './wake.js';
import type { Window } from './window.js';
import type { WorkerLane } from './worker-message.js';

interface Mark {
  readonly atUs: number;
  readonly idleMs: number;
  readonly spunUs: number;
  readonly heapBytes: number;
}

export class RunnerLane {
  readonly #clock: Clock;
  readonly #wake: SpinningWake;
  #from: Mark | undefined;
  #to: Mark | undefined;

  /** Takes its readings by timers at the borders of the measured window; a late timer shifts both figures alike. */
  constructor(clock: Clock, wake: SpinningWake, window: Window) {
    this.#clock = clock;
    this.#wake = wake;
    const nowUs = clock.nowUs();
    setTimeout(() => (this.#from = this.#mark()), (window.measureFromUs - nowUs) / 1000);
    setTimeout(() => (this.#to = this.#mark()), (window.measureToUs - nowUs) / 1000);
  }

  reading(connectionsLost: number): WorkerLane {
    const to = this.#to ?? this.#mark();
    const from = this.#from ?? to;
    const elapsedUs = to.atUs - from.atUs;
    const awakeUs = elapsedUs - (to.idleMs - from.idleMs) * 1000;
    return {
      eventLoopUtilization: elapsedUs > 0 ? Math.max(0, awakeUs - (to.spunUs - from.spunUs)) / elapsedUs : 0,
      heapGrowthBytes: to.heapBytes - from.heapBytes,
      connectionsLost,
    };
  }

  #mark(): Mark {
    return {
      atUs: this.#clock.nowUs(),
      idleMs: performance.eventLoopUtilization().idle,
      spunUs: this.#wake.spunUs,
      heapBytes: getHeapStatistics().used_heap_size,
    };
  }
}
