/** Sending half of one connection: numbers its messages and counts what became of them. */

import type { Connection } from '../../core/client.js';
import type { Tally } from '../../core/measure/tally.js';
import { maxSequence } from '../../core/payload/message.js';
import type { Window } from '../../core/schedule.js';

export class Sender {
  #sequence = 0;
  /** Messages sent that are measured. */
  measuredSent = 0;
  /** Messages sent over earlier connections, which an outage cut off. */
  sentBefore = 0;

  constructor(
    /** The one that is open, or was last. */
    public connection: Connection,
    /** Index of the connection among those of this worker. */
    readonly receiver: number,
    /** Index among all senders of the trial; it is in every message. */
    readonly index: number,
    private readonly tally: Tally,
  ) {}

  /** Messages sent. */
  get sent(): number {
    return this.#sequence;
  }

  /** From now on it sends over another connection. */
  reconnect(connection: Connection): void {
    this.connection = connection;
    this.sentBefore = this.#sequence;
  }

  /** Queues the next message; false when it had to be dropped. */
  send(dueUs: number, sentUs: number, window: Window): boolean {
    const tally = this.tally;
    const measured = dueUs >= window.measureFromUs;
    if (this.#sequence > maxSequence || !this.connection.send(this.index, this.#sequence, dueUs, sentUs, measured)) {
      countDropped(tally, measured);
      return false;
    }
    tally.scheduled++;
    this.#sequence++;
    tally.sent++;
    if (!measured) return true;
    tally.measuredScheduled++;
    this.measuredSent++;
    tally.measuredSent++;
    if (sentUs < window.measureToUs) tally.sentInWindow++;
    return true;
  }

  /** Counts a message that was due and is not sent any more. */
  drop(dueUs: number, window: Window): void {
    countDropped(this.tally, dueUs >= window.measureFromUs);
  }

  /** Counts messages whose reply did not come in time, in a closed loop. */
  countReplyTimeouts(messages: number): void {
    this.tally.countError('reply-timeout', messages);
  }
}

/** Counts a message that was due and is not sent. */
export function countDropped(tally: Tally, measured: boolean): void {
  tally.scheduled++;
  tally.dropped++;
  if (measured) tally.measuredScheduled++;
}
