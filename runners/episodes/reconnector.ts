/** Owns the way back of receivers whose connection is gone: when each tries again, and what came of it. */

import type { Clock } from '../../core/clock.js';
import type { Tally } from '../../core/measure/tally.js';
import { connectErrorClass } from '../load/connect-error.js';
import { BackOff } from './back-off.js';

/** Calls once, after so many milliseconds. @returns what prevents it. */
export type SetTimer = (ms: number, call: () => void) => () => void;

interface Absence {
  readonly lostUs: number;
  /** Attempts that failed. */
  failures: number;
  /** Prevents the next attempt; undefined while one is under way. */
  cancel: (() => void) | undefined;
  /** Lost again before the attempt under way was known to have succeeded. */
  isLostAgain: boolean;
}

export class Reconnector {
  readonly #reopen: (receiver: number) => Promise<void>;
  readonly #clock: Clock;
  readonly #tally: Tally;
  readonly #retryUntilUs: () => number;
  readonly #setTimer: SetTimer;
  readonly #backOff: BackOff;
  readonly #absences = new Map<number, Absence>();
  #isStopped = false;

  /**
   * @param reopen rejects with an error whose message is an error class. @param random uniform in [0, 1).
   * @param retryUntilUs on the clock: from then on no attempt is made; asked before each.
   */
  constructor(
    reopen: (receiver: number) => Promise<void>,
    clock: Clock,
    random: () => number,
    tally: Tally,
    retryUntilUs: () => number,
    setTimer: SetTimer = realTimer,
  ) {
    this.#reopen = reopen;
    this.#clock = clock;
    this.#tally = tally;
    this.#retryUntilUs = retryUntilUs;
    this.#setTimer = setTimer;
    this.#backOff = new BackOff(random);
  }

  /** How many are away now. */
  get away(): number {
    return this.#absences.size;
  }

  /** The connection of `receiver` is gone. */
  lost(receiver: number): void {
    if (this.#isStopped) return;
    const known = this.#absences.get(receiver);
    if (known) {
      known.isLostAgain = known.cancel === undefined;
      return;
    }
    this.#tally.cutOff++;
    const absence: Absence = { lostUs: this.#clock.nowUs(), failures: 0, cancel: undefined, isLostAgain: false };
    this.#absences.set(receiver, absence);
    this.#schedule(receiver, absence);
  }

  /** No attempt follows, and what comes of those under way does not count; a connection that opens yet is its owner's. */
  stop(): void {
    this.#isStopped = true;
    for (const { cancel } of this.#absences.values()) cancel?.();
  }

  #schedule(receiver: number, absence: Absence): void {
    absence.cancel = this.#setTimer(this.#backOff.delayMs(absence.failures), () => {
      absence.cancel = undefined;
      if (this.#clock.nowUs() < this.#retryUntilUs()) void this.#attempt(receiver, absence);
    });
  }

  async #attempt(receiver: number, absence: Absence): Promise<void> {
    absence.isLostAgain = false;
    let failure: string | undefined;
    try {
      await this.#reopen(receiver);
    } catch (error) {
      failure = connectErrorClass(error);
    }
    if (this.#isStopped) return;
    if (failure === undefined) return this.#back(receiver, absence);
    this.#tally.countError(failure);
    absence.failures++;
    this.#schedule(receiver, absence);
  }

  #back(receiver: number, absence: Absence): void {
    const nowUs = this.#clock.nowUs();
    this.#absences.delete(receiver);
    this.#tally.reconnected++;
    this.#tally.reconnect.record(nowUs - absence.lostUs);
    this.#tally.openings.count(nowUs);
    if (absence.isLostAgain) this.lost(receiver);
  }
}

function realTimer(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}
