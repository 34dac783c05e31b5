/** Owns one worker's share of one trial, from its connections to its tally. */

import type { Clock } from '../../core/clock.js';
import type { EncodedTally } from '../../core/measure/tally.js';
import type { Share } from '../../core/share.js';
import { SpinningWake } from '../load/spin-timer.js';
import { isCrowd } from '../load/wait-strategy.js';
import { type Window, windowFrom } from '../load/window.js';
import { ShareLoad } from '../load/worker-load.js';
import type { ReadTraffic } from '../machine/socket-bytes.js';
import type { WorkerLane } from './worker-message.js';
import { RunnerLane } from './worker-metrics.js';

/** How a worker waits while it serves this share. */
export function wakeFor({ workload: { load }, senders }: Share, clock: Clock): SpinningWake {
  return new SpinningWake(clock, !isCrowd(load, senders.count));
}

export class ShareRun {
  readonly #share: Share;
  readonly #clock: Clock;
  readonly #wake: SpinningWake;
  readonly #load: ShareLoad;
  #window!: Window;
  #lane!: RunnerLane;

  private constructor(share: Share, clock: Clock, wake: SpinningWake, load: ShareLoad) {
    this.#share = share;
    this.#clock = clock;
    this.#wake = wake;
    this.#load = load;
  }

  /** Everything that is decided before the first connection. */
  static async prepare(share: Share, clock: Clock, readTraffic: ReadTraffic): Promise<ShareRun> {
    const wake = wakeFor(share, clock);
    return new ShareRun(share, clock, wake, await ShareLoad.prepare(share, clock, wake, readTraffic));
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
    this.#lane = new RunnerLane(this.#clock, this.#wake, this.#load.tally, this.#window);
    return this.#load.send([this.#window]);
  }

  /** Waits for the `owed` deliveries as long as the drain lasts, closes the books and every connection. */
  async finish(owed: number): Promise<{ readonly tally: EncodedTally; readonly lane: WorkerLane }> {
    const tally = await this.#load.finish(owed, this.#window.drainToUs);
    this.#wake.stop();
    return { tally, lane: this.#lane.reading(this.#load.connectionsLost) };
  }
}
