/** Owns the sharing of one wake by several that wait for different times: each has a slot, which is a wake of its own. */

import type { Clock } from '../../core/clock.js';
import type { LoadTimer } from './spin-timer.js';

interface Slot {
  dueUs: number;
  tick: () => void;
}

const never = Number.POSITIVE_INFINITY;

export class SpinTimerSlots {
  readonly #clock: Clock;
  readonly #timer: LoadTimer;
  readonly #slots: Slot[] = [];
  #ticking = false;

  constructor(clock: Clock, timer: LoadTimer) {
    this.#clock = clock;
    this.#timer = timer;
  }

  slot(): LoadTimer {
    const slot: Slot = { dueUs: never, tick: () => {} };
    this.#slots.push(slot);
    return {
      at: (dueUs, tick) => {
        slot.dueUs = dueUs;
        slot.tick = tick;
        if (!this.#ticking) this.#await();
      },
      touch: (nowUs) => this.#timer.touch(nowUs),
    };
  }

  #await(): void {
    let soonestUs = never;
    for (const { dueUs } of this.#slots) if (dueUs < soonestUs) soonestUs = dueUs;
    this.#timer.at(soonestUs, this.#tick);
  }

  /** What a slot asks for meanwhile is awaited afterwards, even if it is due already: sockets are read in between. */
  readonly #tick = (): void => {
    const nowUs = this.#clock.nowUs();
    this.#ticking = true;
    for (const slot of this.#slots) {
      if (slot.dueUs > nowUs) continue;
      slot.dueUs = never;
      slot.tick();
    }
    this.#ticking = false;
    this.#await();
  };
}
