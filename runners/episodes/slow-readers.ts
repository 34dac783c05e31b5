/** Slow readers: connections that do not read during the measured part of a window. */

import type { Connection } from '../../core/client.js';
import type { Clock, Window } from '../../core/schedule.js';
import type { Episode } from '../load/episode.js';

export class SlowReaders implements Episode {
  #readers: readonly Connection[] = [];
  #timers: NodeJS.Timeout[] = [];

  /** @param open the slow readers whose connection is open. */
  constructor(
    private readonly open: () => readonly Connection[],
    private readonly clock: Clock,
  ) {}

  begin({ measureFromUs, measureToUs }: Window): void {
    this.#readers = this.open();
    const at = (us: number, call: () => void) => setTimeout(call, (us - this.clock.nowUs()) / 1000);
    this.#timers = [at(measureFromUs, () => this.#pause()), at(measureToUs, () => this.#resume())];
  }

  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#resume();
  }

  #pause(): void {
    for (const reader of this.#readers) reader.pauseReading();
  }

  #resume(): void {
    for (const reader of this.#readers) reader.resumeReading();
  }
}
