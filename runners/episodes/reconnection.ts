/** Reconnection: after an outage, opens lost connections again with the delays of `socket.io-client`, for every protocol. */

import type { Tally } from '../../core/measure/tally.js';
import type { Clock, Window } from '../../core/schedule.js';
import type { Disconnections, Episode } from '../load/episode.js';
import { connectErrorClass } from '../load/opener.js';

/** Defaults of `socket.io-client` (its `manager.js`): reconnectionDelay, reconnectionDelayMax, randomizationFactor. */
const firstMs = 1_000;
const mostMs = 5_000;
const randomisation = 0.5;
/** Long before so many attempts the delay is the longest; doubling on and on would end in infinity. */
const mostDoublings = 16;

/**
 * Whole milliseconds before attempt `attempt`, counted from 0. The formula is that of `socket.io-client` 4.8
 * (`contrib/backo2.js`, `Backoff.prototype.duration`): 1 s doubled each time, moved by up to half of itself, down or up
 * by the parity of the first decimal of the same random number; only then at most 5 s. So the first delay lies
 * between 0.55 s and 1.5 s, and from the fifth on it is 5 s.
 * @param random uniform in [0, 1).
 */
export function retryDelayMs(attempt: number, random: number): number {
  const ms = firstMs * 2 ** Math.min(attempt, mostDoublings);
  const deviation = Math.floor(random * randomisation * ms);
  const isDown = Math.floor(random * 10) % 2 === 0;
  return Math.min(isDown ? ms - deviation : ms + deviation, mostMs);
}

/** Calls once, after so many milliseconds. @returns what prevents it. */
export type SetTimer = (ms: number, call: () => void) => () => void;

interface Disconnection {
  readonly lostUs: number;
  /** Attempts that failed. */
  failures: number;
  /** Prevents the next attempt; undefined while one is under way. */
  cancel: (() => void) | undefined;
  /** Lost again before the attempt under way was known to have succeeded. */
  isLostAgain: boolean;
}

export class Reconnection implements Episode, Disconnections {
  readonly #away = new Map<number, Disconnection>();
  /** By receiver: when its connection was lost last, and when it was back; infinite while it is away. */
  readonly #lostUs: Float64Array;
  readonly #backUs: Float64Array;
  #retryUntilUs = Number.POSITIVE_INFINITY;
  #ended = false;

  /**
   * @param reopen rejects with an error whose message is an error class. @param random uniform in [0, 1).
   */
  constructor(
    receivers: number,
    private readonly reopen: (receiver: number) => Promise<void>,
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly tally: Tally,
    private readonly setTimer: SetTimer = realTimer,
  ) {
    this.#lostUs = new Float64Array(receivers);
    this.#backUs = new Float64Array(receivers);
  }

  get disconnections(): Disconnections {
    return this;
  }

  get away(): number {
    return this.#away.size;
  }

  /** No attempt begins after the drain. */
  begin({ drainToUs }: Window): void {
    this.#retryUntilUs = drainToUs;
  }

  /** No attempt follows, and what comes of those under way does not count. */
  end(): void {
    this.#ended = true;
    for (const { cancel } of this.#away.values()) cancel?.();
  }

  lost(receiver: number): void {
    this.#lostUs[receiver] = this.clock.nowUs();
    this.#backUs[receiver] = Number.POSITIVE_INFINITY;
    this.#leave(receiver);
  }

  wasLost(receiver: number): boolean {
    return (this.#lostUs[receiver] ?? 0) > 0;
  }

  isAway(receiver: number): boolean {
    return this.#away.has(receiver);
  }

  missed(receiver: number, sentUs: number): boolean {
    return sentUs >= (this.#lostUs[receiver] ?? 0) && sentUs < (this.#backUs[receiver] ?? 0);
  }

  #leave(receiver: number): void {
    if (this.#ended) return;
    const known = this.#away.get(receiver);
    if (known) {
      known.isLostAgain = known.cancel === undefined;
      return;
    }
    this.tally.cutOff++;
    const lostUs = this.clock.nowUs();
    const disconnection: Disconnection = { lostUs, failures: 0, cancel: undefined, isLostAgain: false };
    this.#away.set(receiver, disconnection);
    this.#schedule(receiver, disconnection);
  }

  #schedule(receiver: number, disconnection: Disconnection): void {
    disconnection.cancel = this.setTimer(retryDelayMs(disconnection.failures, this.random()), () => {
      disconnection.cancel = undefined;
      if (this.clock.nowUs() < this.#retryUntilUs) void this.#attempt(receiver, disconnection);
    });
  }

  async #attempt(receiver: number, disconnection: Disconnection): Promise<void> {
    disconnection.isLostAgain = false;
    let failure: string | undefined;
    try {
      await this.reopen(receiver);
    } catch (error) {
      failure = connectErrorClass(error);
    }
    if (this.#ended) return;
    if (failure === undefined) return this.#back(receiver, disconnection);
    this.tally.countError(failure);
    disconnection.failures++;
    this.#schedule(receiver, disconnection);
  }

  #back(receiver: number, disconnection: Disconnection): void {
    const nowUs = this.clock.nowUs();
    this.#away.delete(receiver);
    this.tally.reconnected++;
    this.tally.reconnect.record(nowUs - disconnection.lostUs);
    this.tally.openings.count(nowUs);
    if (disconnection.isLostAgain) this.#leave(receiver);
    else this.#backUs[receiver] = nowUs;
  }
}

function realTimer(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}
