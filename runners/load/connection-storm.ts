/** Open loop of connections: opens each when it is due, however many are still being opened. */

import type { Histogram } from '../../core/measure/histogram.js';
import { type Clock, notYet, type Schedule, type Window } from '../../core/schedule.js';
import type { LoadTimer } from './spin-timer.js';

export class ConnectLoop {
  #window = notYet;
  #done: () => void = () => {};
  #next = 0;

  /** @param count connections to be opened. @param open begins to open one; never throws. */
  constructor(
    private readonly clock: Clock,
    private readonly timer: LoadTimer,
    private readonly schedule: Schedule,
    private readonly count: number,
    private readonly open: (receiver: number, dueUs: number) => void,
    private readonly sendLag: Histogram,
  ) {}

  /** @param done called at the end of the window; connections may still be opening then. */
  run(window: Window, done: () => void): void {
    this.#window = window;
    this.#done = done;
    this.#wait();
  }

  readonly #tick = (): void => {
    const nowUs = this.clock.nowUs();
    for (; this.#isLeft() && this.#dueUs() <= nowUs; this.#next++) {
      const dueUs = this.#dueUs();
      if (dueUs >= this.#window.measureFromUs) this.sendLag.record(this.clock.nowUs() - dueUs);
      this.open(this.#next, dueUs);
    }
    this.#wait();
  };

  #isLeft(): boolean {
    return this.#next < this.count && this.#dueUs() < this.#window.measureToUs;
  }

  #dueUs(): number {
    return this.#window.startUs + this.schedule.dueUs(this.#next);
  }

  #wait(): void {
    if (this.#isLeft()) this.timer.at(this.#dueUs(), this.#tick);
    else this.timer.at(this.#window.measureToUs, this.#done);
  }
}
