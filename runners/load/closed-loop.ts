/**
 * Closed loop: every sender keeps a fixed number of messages in flight and sends the next when one comes back. It finds
 * a server's capacity and cannot see lateness: a server that stalls is sent fewer messages.
 */

import { type Clock, notYet, type Window } from '../../core/schedule.js';
import type { Sender } from './sender.js';
import type { LoadTimer } from './spin-timer.js';

/** A sender that has received nothing for so long counts its messages as lost and sends again. */
const replyTimeoutUs = 2_000_000;
const scanEveryUs = 200_000;

export class ClosedLoop {
  /** By sender: when it last sent or received something; negative once it cannot send any more. */
  readonly #activeUs: Float64Array;
  #window = notYet;
  /** Start of the window in whole us, as messages carry it. */
  #startUs = 0;
  #done: () => void = () => {};

  constructor(
    private readonly clock: Clock,
    private readonly timer: LoadTimer,
    private readonly inflight: number,
    private readonly senders: readonly Sender[],
  ) {
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
    this.timer.at(window.startUs, () => {
      for (const [position, sender] of this.senders.entries()) this.#fill(position, sender);
      this.#scan();
    });
  }

  /**
   * One message of the sender at `position` came back. Its successor leaves when the read is flushed, a few us from now,
   * and is stamped with the time of the read: a closed loop's service time holds the turn-round of the loop as well.
   * One that was sent before the window has a successor already.
   */
  completed(position: number, receivedUs: number, sentUs: number): void {
    const sender = this.senders[position];
    if (sender && sentUs >= this.#startUs) this.#sendNext(position, sender, receivedUs);
  }

  #fill(position: number, sender: Sender): void {
    const nowUs = this.clock.nowUs();
    for (let i = 0; i < this.inflight; i++) this.#sendNext(position, sender, nowUs);
    sender.connection.flush();
  }

  #sendNext(position: number, sender: Sender, nowUs: number): void {
    if (nowUs >= this.#window.measureToUs || this.#lastActiveUs(position) < 0) return;
    const sent = sender.send(nowUs, nowUs, this.#window);
    this.#activeUs[position] = sent ? nowUs : -1;
  }

  #lastActiveUs(position: number): number {
    return this.#activeUs[position] ?? -1;
  }

  readonly #scan = (): void => {
    const nowUs = this.clock.nowUs();
    if (nowUs >= this.#window.measureToUs) {
      this.#done();
      return;
    }
    for (const [position, sender] of this.senders.entries()) {
      const activeUs = this.#lastActiveUs(position);
      if (activeUs < 0 || nowUs - activeUs <= replyTimeoutUs) continue;
      sender.countReplyTimeouts(this.inflight);
      this.#fill(position, sender);
    }
    this.timer.at(Math.min(nowUs + scanEveryUs, this.#window.measureToUs), this.#scan);
  };
}
