/** Owns what is measured inside a worker: was it the server that was slow, or this thread? */

import type { Clock } from '../../core/clock.js';
import { Histogram } from '../../core/measure/histogram.js';
import type { RunnerReading } from '../../core/measure/process-metrics.js';
import type { Tally } from '../../core/measure/tally.js';
import type { SpinTimer } from '../load/spin-timer.js';
import type { Window } from '../load/window.js';
import { markThread, type ThreadMark, utilization } from './thread-mark.js';
import type { WorkerMetrics } from './worker-message.js';

const timelineEveryMs = 1_000;

export class WorkerMeter {
  readonly #clock: Clock;
  readonly #timer: SpinTimer;
  readonly #tally: Tally;
  readonly #timeline: RunnerReading[] = [];
  readonly #timers: NodeJS.Timeout[];
  #from: ThreadMark | undefined;
  #to: ThreadMark | undefined;

  /** Takes its readings by timers at the borders of the measured window; a late timer shifts both figures alike. */
  constructor(clock: Clock, timer: SpinTimer, tally: Tally, window: Window) {
    this.#clock = clock;
    this.#timer = timer;
    this.#tally = tally;
    const nowUs = clock.nowUs();
    this.#timers = [
      setTimeout(() => this.#start(), (window.measureFromUs - nowUs) / 1000),
      setTimeout(() => this.#stop(), (window.measureToUs - nowUs) / 1000),
    ];
  }

  reading(connectionsLost: number): WorkerMetrics {
    for (const timer of this.#timers) clearTimeout(timer);
    const to = this.#to ?? this.#mark();
    const from = this.#from ?? to;
    return {
      eventLoopUtilization: utilization({ from, to }),
      heapGrowthBytes: to.heapBytes - from.heapBytes,
      timeline: this.#timeline,
      connectionsLost,
    };
  }

  #start(): void {
    let last = this.#mark();
    let sent = new Histogram();
    this.#from = last;
    this.#timers.push(
      setInterval(() => {
        const now = this.#mark();
        const lag = this.#tally.sendLag.since(sent);
        this.#timeline.push({
          atMs: (now.atUs - this.#from!.atUs) / 1000,
          eventLoopUtilization: utilization({ from: last, to: now }),
          heapBytes: now.heapBytes,
          sendLagP99Us: lag.quantile(0.99),
        });
        last = now;
        sent = new Histogram();
        sent.add(this.#tally.sendLag);
      }, timelineEveryMs),
    );
  }

  #stop(): void {
    this.#to = this.#mark();
    clearInterval(this.#timers.at(-1));
  }

  #mark(): ThreadMark {
    return markThread(this.#clock, this.#timer);
  }
}
