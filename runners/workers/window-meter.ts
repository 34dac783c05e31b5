/** What one worker sees of each measured window of one side: deliveries, the server's CPU, its own work. */

import type { Tally } from '../../core/measure/tally.js';
import type { ForkWindow } from '../../core/result.js';
import type { Window } from '../../core/schedule.js';
import type { LoadTimer } from '../load/spin-timer.js';
import type { WorkerMetrics } from './worker-message.js';
import { type ThreadMark, type ThreadSpan, threadMetrics } from './worker-metrics.js';

interface Mark extends ThreadMark {
  /** CPU time so far of this side's server; 0 from a worker that does not look. */
  readonly serverCpuUs: number;
}

/** Windows of a warm-up measure nothing: their measured part is empty. */
export function isMeasured({ measureFromUs, measureToUs }: Window): boolean {
  return measureFromUs < measureToUs;
}

export class WindowMeter {
  readonly #windows: ForkWindow[] = [];
  readonly #spans: ThreadSpan[] = [];
  #from: Mark | undefined;
  #deliveredBefore = 0;

  constructor(
    private readonly mark: () => Mark,
    private readonly timer: LoadTimer,
    private readonly tally: Tally,
    private readonly planned: readonly Window[],
  ) {
    this.#watch(0);
  }

  /** To be called at the end of each window; those that measure nothing leave no reading. */
  readonly ended = (place: number): void => {
    const window = this.planned[place];
    if (window !== undefined && isMeasured(window)) this.#read(window);
    this.#watch(place + 1);
  };

  get windows(): readonly ForkWindow[] {
    return this.#windows;
  }

  metrics(connectionsLost: number): WorkerMetrics {
    return { ...threadMetrics(this.#spans), timeline: [], connectionsLost };
  }

  /** Waits for the measured part of the window at `place`, if it has one. */
  #watch(place: number): void {
    const window = this.planned[place];
    this.#from = undefined;
    if (window === undefined || !isMeasured(window)) return;
    this.timer.at(window.measureFromUs, () => {
      this.#from = this.mark();
    });
  }

  /** A thread that was late looks at a span that is longer or shorter than planned: it is the CPU's share that counts. */
  #read({ measureFromUs, measureToUs }: Window): void {
    const to = this.mark();
    const from = this.#from ?? to;
    const delivered = this.tally.deliveredInWindow;
    const spanUs = to.atUs - from.atUs;
    const cpuShare = spanUs > 0 ? (to.serverCpuUs - from.serverCpuUs) / spanUs : 0;
    const lengthUs = measureToUs - measureFromUs;
    this.#windows.push({
      seconds: lengthUs / 1e6,
      delivered: delivered - this.#deliveredBefore,
      serverCpuUs: cpuShare * lengthUs,
    });
    this.#spans.push({ from, to });
    this.#deliveredBefore = delivered;
  }
}
