/** Owns one worker's share of one trial, from its connections to its tally. */

import type { Clock } from '../../core/clock.js';
import type { EncodedTally } from '../../core/measure/tally.js';
import type { Share } from '../../core/share.js';
import { SpinTimer } from '../load/spin-timer.js';
import { sleepsBetweenMessages } from '../load/wait-strategy.js';
import { type Window, windowFrom } from '../load/window.js';
import { WorkerLoad } from '../load/worker-load.js';
import type { ReadSocketBytes } from '../machine/socket-bytes.js';
import type { WorkerMetrics } from './worker-message.js';
import { WorkerMeter } from './worker-metrics.js';

/** How a worker waits while it serves this share. */
export function timerFor({ workload: { load }, senders }: Share, clock: Clock): SpinTimer {
  return new SpinTimer(clock, !sleepsBetweenMessages(load, senders.count));
}

export class WorkerShare {
  readonly #share: Share;
  readonly #clock: Clock;
  readonly #timer: SpinTimer;
  readonly #load: WorkerLoad;
  #window!: Window;
  #metrics!: WorkerMeter;

  private constructor(share: Share, clock: Clock, timer: SpinTimer, load: WorkerLoad) {
    this.#share = share;
    this.#clock = clock;
    this.#timer = timer;
    this.#load = load;
  }

  /** Everything that is decided before the first connection. */
  static async prepare(share: Share, clock: Clock, readSocketBytes: ReadSocketBytes): Promise<WorkerShare> {
    const timer = timerFor(share, clock);
    return new WorkerShare(share, clock, timer, await WorkerLoad.prepare(share, clock, timer, readSocketBytes));
  }

  connect(): Promise<void> {
    return this.#load.connect();
  }

  /**
   * Runs the load loop through warm-up and measurement.
   * @returns messages sent, by room.
   */
  load({ delayMs }: { readonly delayMs: number }): Promise<number[]> {
    this.#window = windowFrom(this.#clock.nowUs() + delayMs * 1000, this.#share.workload.phases);
    this.#metrics = new WorkerMeter(this.#clock, this.#timer, this.#load.tally, this.#window);
    return this.#load.send([this.#window]);
  }

  /** Waits for the `owed` deliveries as long as the drain lasts, closes the books and every connection. */
  async finish(owed: number): Promise<{ readonly tally: EncodedTally; readonly metrics: WorkerMetrics }> {
    const tally = await this.#load.finish(owed, this.#window.drainToUs);
    this.#timer.stop();
    return { tally, metrics: this.#metrics.reading(this.#load.connectionsLost) };
  }
}
