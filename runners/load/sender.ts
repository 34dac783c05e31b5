/** Owns the sending half of one connection: its place among all senders and its next sequence number. */

import type { Connection } from '../../core/client.js';
import type { Tally } from '../../core/measure/tally.js';
import { maxSequence } from '../../core/message.js';
import type { Window } from './window.js';

export class Sender {
  readonly connection: Connection;
  /** Index of the connection among those of this worker. */
  readonly receiver: number;
  /** Index among all senders of the trial; travels in every message. */
  readonly index: number;
  #sequence = 0;
  /** Messages sent that are measured. */
  measuredSent = 0;

  constructor(connection: Connection, receiver: number, index: number) {
    this.connection = connection;
    this.receiver = receiver;
    this.index = index;
  }

  /** Messages sent. */
  get sent(): number {
    return this.#sequence;
  }

  /** Queues the next message and enters it in the books; false when it had to be dropped. */
  send(dueUs: number, sentUs: number, window: Window, tally: Tally): boolean {
    const measured = dueUs >= window.measureFromUs;
    tally.scheduled++;
    if (measured) tally.measuredScheduled++;
    if (this.#sequence > maxSequence || !this.connection.send(this.index, this.#sequence, dueUs, sentUs, measured)) {
      tally.dropped++;
      return false;
    }
    this.#sequence++;
    tally.sent++;
    if (!measured) return true;
    this.measuredSent++;
    tally.measuredSent++;
    if (sentUs < window.measureToUs) tally.sentInWindow++;
    return true;
  }
}
