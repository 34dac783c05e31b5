/**
 * Open loop: sends each message when it is due, whatever the server does. One that is late is sent at once and counted
 * from when it was due, so that no stall, of the server or of the generator, is omitted.
 */

import type { Tally } from '../../core/measure/tally.js';
import { leastSendLagUs } from '../../core/measure/validity.js';
import { type Clock, lookBack, notYet, type Schedule, type Window } from '../../core/schedule.js';
import type { Sender } from './sender.js';
import type { LoadTimer } from './spin-timer.js';

/** Messages sent before the sockets are read again; within what a schedule can look back on. */
const maxBatch = lookBack / 4;

export type SendLags = Pick<Tally, 'sendLag' | 'heldLag'>;

export class OpenLoop {
  #window = notYet;
  /** Where the schedule began, had there been no breaks between the windows. */
  #originUs = 0;
  #activeUs = 0;
  #done: () => void = () => {};
  #next = 0;

  constructor(
    private readonly clock: Clock,
    private readonly timer: LoadTimer,
    private readonly schedule: Schedule,
    private readonly senders: readonly Sender[],
    private readonly lags: SendLags,
  ) {}

  /**
   * Runs the schedule through warm-up and measurement; `done` when both are over and the last message has left. May be
   * called again for a later window, in which the schedule goes on as if there had been no time between.
   */
  run(window: Window, done: () => void): void {
    this.#window = window;
    this.#originUs = window.startUs - this.#activeUs;
    this.#activeUs += window.measureToUs - window.startUs;
    this.#done = done;
    if (this.senders.length === 0) this.timer.at(window.measureToUs, done);
    else this.#waitForNext();
  }

  readonly #tick = (): void => {
    const nowUs = this.clock.nowUs();
    if (nowUs >= this.#window.drainToUs) this.#dropRest();
    else this.#sendDue(this.#countDue(nowUs), nowUs);
    this.#waitForNext();
  };

  #dueUs(n: number): number {
    return this.#originUs + this.schedule.dueUs(n);
  }

  #countDue(nowUs: number): number {
    let due = 0;
    while (due < maxBatch && this.#isDue(this.#next + due, nowUs)) due++;
    return due;
  }

  #isDue(n: number, nowUs: number): boolean {
    const dueUs = this.#dueUs(n);
    return dueUs <= nowUs && dueUs < this.#window.measureToUs;
  }

  /** Sends the next `due` messages, those of one connection together so that they leave in one write. */
  #sendDue(due: number, nowUs: number): void {
    const count = this.senders.length;
    const first = this.#next;
    const end = first + due;
    const withWork = Math.min(due, count);
    const heldUs = nowUs - this.#dueUs(first) > leastSendLagUs ? this.timer.heldUs() : 0;
    let sentUs = nowUs;
    for (let i = 0; i < withWork; i++) {
      const sender = this.senders[(first + i) % count];
      if (sender === undefined) continue;
      if (i > 0) sentUs = this.clock.nowUs();
      for (let n = first + i; n < end; n += count) this.#send(sender, this.#dueUs(n), sentUs, heldUs);
      sender.connection.flush();
    }
    this.#next = end;
  }

  #send(sender: Sender, dueUs: number, sentUs: number, heldUs: number): void {
    const sent = sender.send(dueUs, sentUs, this.#window);
    if (!sent || dueUs < this.#window.measureFromUs) return;
    const lagUs = sentUs - dueUs;
    this.lags.sendLag.record(lagUs);
    if (heldUs > 0 && lagUs - heldUs <= leastSendLagUs) this.lags.heldLag.record(lagUs);
  }

  #dropRest(): void {
    for (; this.#dueUs(this.#next) < this.#window.measureToUs; this.#next++)
      this.senders[this.#next % this.senders.length]?.drop(this.#dueUs(this.#next), this.#window);
  }

  #waitForNext(): void {
    const dueUs = this.#dueUs(this.#next);
    if (dueUs < this.#window.measureToUs) this.timer.at(dueUs, this.#tick);
    else this.timer.at(this.#window.measureToUs, this.#done);
  }
}
