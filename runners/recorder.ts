/** Owns the receiving half of a worker: checks every arrival, enters it in the ledger and records its latency. */

import type { Inbox } from '../core/client.js';
import type { Kind } from '../core/kind.js';
import { kinds } from '../core/kind.js';
import { Ledger } from '../core/ledger.js';
import { blankMessage, Header, paddingIntact, readHeader } from '../core/message.js';
import type { Tally } from '../core/tally.js';
import type { Sender } from './sender.js';
import type { Wake } from './wake.js';
import type { Window } from './window.js';

/** Hears, in a closed loop, that a message of the sender at `position`, sent at `sentUs` (whole us), came back. */
export type Completed = (position: number, receivedUs: number, sentUs: number) => void;

export class Recorder implements Inbox {
  readonly ledger: Ledger;
  /** Connections that were lost without having been closed by us. */
  connectionsLost = 0;
  readonly #wake: Wake;
  readonly #tally: Tally;
  readonly #blank: Uint8Array;
  readonly #header = new Header();
  readonly #everyone: boolean;
  readonly #senders: number;
  /** By receiver: the sender that shares its connection, as index in the trial and as position in this worker. */
  readonly #ownIndex: Int32Array;
  readonly #ownPosition: Int32Array;
  #bySender: readonly Sender[] = [];
  #completed: Completed | undefined;
  #measureFromUs = Number.POSITIVE_INFINITY;
  #measureToUs = Number.POSITIVE_INFINITY;
  #open = true;

  /** @param senders senders of the whole trial. */
  constructor(kind: Kind, connections: number, senders: number, sizeBytes: number, wake: Wake, tally: Tally) {
    this.#everyone = kinds[kind].audience === 'everyone';
    this.ledger = new Ledger(connections, this.#everyone ? senders : 1);
    this.#senders = senders;
    this.#wake = wake;
    this.#tally = tally;
    this.#blank = blankMessage(sizeBytes);
    this.#ownIndex = new Int32Array(connections).fill(-1);
    this.#ownPosition = new Int32Array(connections).fill(-1);
  }

  /** @param completed in a closed loop only. */
  start(senders: readonly Sender[], completed?: Completed): void {
    this.#bySender = senders;
    senders.forEach((sender, position) => {
      this.#ownIndex[sender.receiver] = sender.index;
      this.#ownPosition[sender.receiver] = position;
    });
    this.#completed = completed;
  }

  /** From now on `deliveredInWindow` counts the arrivals in the measured part of this window. */
  measure(window: Window): void {
    this.#measureFromUs = window.measureFromUs;
    this.#measureToUs = window.measureToUs;
  }

  /** From now on nothing counts: what comes later was not received in time. */
  stop(): void {
    this.#open = false;
  }

  message(receiver: number, bytes: Uint8Array, start: number, end: number, receivedUs: number): boolean {
    if (!this.#open) return true;
    this.#wake.touch(receivedUs);
    const header = this.#header;
    if (
      end - start !== this.#blank.length ||
      !readHeader(bytes, start, header) ||
      !paddingIntact(bytes, start, this.#blank)
    ) {
      this.#tally.corrupted++;
      return false;
    }
    const own = header.sender === this.#ownIndex[receiver];
    if (this.#everyone ? header.sender >= this.#senders : !own) {
      this.#tally.countError('misdelivered');
      return true;
    }
    const arrival = this.ledger.enter(receiver, this.#everyone ? header.sender : 0, header.sequence);
    if (arrival === 'duplicate') {
      this.#tally.duplicated++;
      return true;
    }
    if (arrival === 'reordered') this.#tally.reordered++;
    this.#record(header, receivedUs);
    if (own && this.#completed) this.#completed(this.#ownPosition[receiver]!, receivedUs, header.sentUs);
    return true;
  }

  endOfRead(receiver: number): void {
    if (this.#completed === undefined) return;
    const position = this.#ownPosition[receiver]!;
    if (position >= 0) this.#bySender[position]!.connection.flush();
  }

  error(_receiver: number, errorClass: string): void {
    if (this.#open) this.#tally.countError(errorClass);
  }

  closed(_receiver: number, code: number): void {
    if (!this.#open) return;
    this.connectionsLost++;
    this.#tally.countError(`closed:${code}`);
  }

  #record(header: Header, receivedUs: number): void {
    const tally = this.#tally;
    if (receivedUs >= this.#measureFromUs && receivedUs < this.#measureToUs) tally.deliveredInWindow++;
    if (!header.measured) return;
    tally.measuredDelivered++;
    tally.service.record(receivedUs - header.sentUs);
    // A closed loop has no schedule to be late against: its response time would only repeat its service time.
    if (this.#completed === undefined) tally.response.record(receivedUs - header.dueUs);
  }
}
