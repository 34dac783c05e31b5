/** What a connection to a user's own server says once before it is ready: step by step, each waiting for its answer. */

import type { JoinStep } from '../../../core/exchange/endpoint.js';

/** Acknowledgements of steps have ids from here on, above every sequence number of a message. */
const firstAckId = 2_000_000_000;

export class Joining {
  #at = -1;
  /** Every step was said and answered. */
  isDone = false;

  /**
   * @param say says a step; `ackId` is the id to ask an acknowledgement with. @param done is called after the last one.
   */
  constructor(
    private readonly steps: readonly JoinStep[],
    private readonly say: (step: JoinStep, ackId: number) => void,
    private readonly done: () => void,
  ) {}

  /** Goes on until a step has to wait. */
  next(): void {
    for (;;) {
      const step = this.steps[++this.#at];
      if (step === undefined) {
        this.isDone = true;
        this.done();
        return;
      }
      this.say(step, firstAckId + this.#at);
      if (step.until !== undefined || ('emit' in step.say && step.say.ack)) return;
    }
  }

  acknowledged(ackId: number): void {
    const step = this.steps[this.#at];
    if (ackId === firstAckId + this.#at && step !== undefined && step.until === undefined) this.next();
  }

  /** Something came: an event by its name, or the text of a message. */
  heard(what: string): void {
    const { say, until } = this.steps[this.#at] ?? {};
    if (say === undefined || until === undefined) return;
    if ('emit' in say ? what === until : what.includes(until)) this.next();
  }

  /** The step whose answer is waited for, for the user: `step 2 of 3`; undefined before the first and after the last. */
  get awaited(): string | undefined {
    return this.#at < 0 || this.isDone ? undefined : `step ${this.#at + 1} of ${this.steps.length}`;
  }
}
