/** Owns what one worker sees of each measured window of one side: deliveries, the server's CPU, its own work. */

import type { Clock } from '../../core/clock.js';
import type { Tally } from '../../core/measure/tally.js';
import { isMeasured } from '../ab/fork-plan.js';
import type { LoadTimer } from '../load/spin-timer.js';
import type { Window } from '../load/window.js';
import { type ThreadMark, type ThreadSpan, utilization } from './thread-mark.js';
import type { WorkerMetrics } from './worker-message.js';

export interface WindowReading {
  readonly delivered: number;
  /** Of the measured part; 0 from a worker that does not look. */
  readonly serverCpuUs: number;
}

/** What the meter looks at; a test has a world of its own. */
export interface Instruments {
  readonly clock: Clock;
  /** CPU time so far of this side's server, in us. */
  readonly serverCpuUs: () => number;
  readonly thread: () => ThreadMark;
}

interface Mark {
  readonly atUs: number;
  readonly cpuUs: number;
  readonly thread: ThreadMark;
}

export class WindowMeter {
  readonly #instruments: Instruments;
  readonly #timer: LoadTimer;
  readonly #tally: Tally;
  readonly #windows: readonly Window[];
  readonly #readings: WindowReading[] = [];
  readonly #spans: ThreadSpan[] = [];
  #from: Mark | undefined;
  #deliveredBefore = 0;

  constructor(instruments: Instruments, timer: LoadTimer, tally: Tally, windows: readonly Window[]) {
    this.#instruments = instruments;
    this.#timer = timer;
    this.#tally = tally;
    this.#windows = windows;
  }

  /** Waits for the measured part of the window at `place`, if it has one. */
  watch(place: number): void {
    const window = this.#windows[place];
    this.#from = undefined;
    if (window === undefined || !isMeasured(window)) return;
    this.#timer.at(window.measureFromUs, () => {
      this.#from = this.#mark();
    });
  }

  /** To be called at the end of each window; those that measure nothing leave no reading. */
  ended(place: number): void {
    const window = this.#windows[place]!;
    if (isMeasured(window)) this.#read(window);
    this.watch(place + 1);
  }

  get readings(): readonly WindowReading[] {
    return this.#readings;
  }

  metrics(connectionsLost: number): WorkerMetrics {
    const first = this.#spans[0];
    return {
      eventLoopUtilization: utilization(...this.#spans),
      heapGrowthBytes: first ? this.#spans.at(-1)!.to.heapBytes - first.from.heapBytes : 0,
      timeline: [],
      connectionsLost,
    };
  }

  /** A thread that was late looks at a span that is longer or shorter than planned: it is the CPU's share that counts. */
  #read({ measureFromUs, measureToUs }: Window): void {
    const to = this.#mark();
    const from = this.#from ?? to;
    const delivered = this.#tally.deliveredInWindow;
    const spanUs = to.atUs - from.atUs;
    const cpuShare = spanUs > 0 ? (to.cpuUs - from.cpuUs) / spanUs : 0;
    this.#readings.push({
      delivered: delivered - this.#deliveredBefore,
      serverCpuUs: cpuShare * (measureToUs - measureFromUs),
    });
    this.#spans.push({ from: from.thread, to: to.thread });
    this.#deliveredBefore = delivered;
  }

  #mark(): Mark {
    const { clock, serverCpuUs, thread } = this.#instruments;
    const cpuUs = serverCpuUs();
    return { atUs: clock.nowUs(), cpuUs, thread: thread() };
  }
}
