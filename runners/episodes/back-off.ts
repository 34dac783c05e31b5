/** Owns how long a client waits before it connects again: as `socket.io-client` does by default, for every protocol. */

/** Defaults of `socket.io-client` (its `manager.js`): reconnectionDelay, reconnectionDelayMax, randomizationFactor. */
const firstMs = 1_000;
const mostMs = 5_000;
const randomisation = 0.5;
/** Long before so many attempts the delay is the longest; doubling on and on would end in infinity. */
const mostDoublings = 16;

export class BackOff {
  readonly #random: () => number;

  /** @param random uniform in [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }

  /**
   * Whole milliseconds before attempt `attempt`, counted from 0. The formula is that of `socket.io-client` 4.8
   * (`contrib/backo2.js`, `Backoff.prototype.duration`): 1 s doubled each time, moved by up to half of itself, down or up
   * by the parity of the first decimal of the same random number; only then at most 5 s. So the first delay lies
   * between 0.55 s and 1.5 s, and from the fifth on it is 5 s.
   */
  delayMs(attempt: number): number {
    const ms = firstMs * 2 ** Math.min(attempt, mostDoublings);
    const random = this.#random();
    const deviation = Math.floor(random * randomisation * ms);
    const isDown = Math.floor(random * 10) % 2 === 0;
    return Math.min(isDown ? ms - deviation : ms + deviation, mostMs);
  }
}
