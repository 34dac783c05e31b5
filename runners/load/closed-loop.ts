/**
 * Owns the closed loop: every sender keeps a fixed number of messages in flight and sends the next when one comes
 * back. It finds a server's capacity, and cannot see lateness: a stalled server is simply asked less often.
 */

import type { Clock } from '../../core/clock.js';
import type { Tally } from '../../core/measure/tally.js';
import type { Sender } from './sender.js';
import type { LoadTimer } from './spin-timer.js';
import type { Window } from './window.js';

/** A sender that has heard nothing for so long gives its messages up for lost and sends again. */
const replyTimeoutUs = 2_000_000;
const scanEveryUs = 200_000;

export class ClosedLoop {
  readonly #clock: Clock;
  readonly #timer: LoadTimer;
  readonly #senders: readonly Sender[];
  readonly #inflight: number;
  readonly #tally: Tally;
  /** By sender: when it last sent or heard something; negative once it cannot send any more. */
  readonly #activeUs: Float64Array;
  #window!: Window;
  /** Start of the window in whole us, as messages carry it. */
  #startUs = 0;
  #done!: () => void;

  constructor(clock: Clock, timer: LoadTimer, inflight: number, senders: readonly Sender[], tally: Tally) {
    this.#clock = clock;
    this.#timer = timer;
    this.#inflight = inflight;
    this.#senders = senders;
    this.#tally = tally;
    this.#activeUs = new Float64Array(senders.length);
  }

  /**
   * Fills every sender's slots at the start of the window; `done` when no more messages will be sent. May be called again
   * for a later window, which starts with every slot filled anew, whatever became of earlier messages.
   */
  run(window: Window, done: () => void): void {
    this.#window = window;
    this.#startUs = Math.floor(window.startUs);
    this.#done = done;
    this.#timer.at(window.startUs, () => {
      for (let i = 0; i < this.#senders.length; i++) this.#fill(i);
      this.#scan();
    });
  }

  /**
   * One message of the sender at `position` came back. Its successor leaves when the read is flushed, a few us from now,
   * and is stamped with the time of the read: a closed loop's service time holds the turn-round of the loop as well.
   * One that was sent before the window has a successor already.
   */
  completed(position: number, receivedUs: number, sentUs: number): void {
    if (sentUs >= this.#startUs) this.#sendNext(position, receivedUs);
  }

  #fill(position: number): void {
    const nowUs = this.#clock.nowUs();
    for (let i = 0; i < this.#inflight; i++) this.#sendNext(position, nowUs);
    this.#senders[position]!.connection.flush();
  }

  #sendNext(position: number, nowUs: number): void {
    if (nowUs >= this.#window.measureToUs || this.#activeUs[position]! < 0) return;
    const sent = this.#senders[position]!.send(nowUs, nowUs, this.#window, this.#tally);
    this.#activeUs[position] = sent ? nowUs : -1;
  }

  readonly #scan = (): void => {
    const nowUs = this.#clock.nowUs();
    if (nowUs >= this.#window.measureToUs) {
      this.#done();
      return;
    }
    for (let i = 0; i < this.#senders.length; i++) {
      const activeUs = this.#activeUs[i]!;
      if (activeUs >= 0 && nowUs - activeUs > replyTimeoutUs) {
        this.#tally.countError('reply-timeout', this.#inflight);
        this.#fill(i);
      }
    }
    this.#timer.at(Math.min(nowUs + scanEveryUs, this.#window.measureToUs), this.#scan);
  };
}
