/** Owns what visitors receive: checked like everything else, but owed to nobody, so that it has no place in the ledger. */

import type { Inbox } from '../../core/client.js';
import type { Tally } from '../../core/measure/tally.js';
import { blankMessage, Header, paddingIntact, readHeader } from '../../core/message.js';
import { roomOf } from '../../core/room.js';

export class ChurnInbox implements Inbox {
  readonly #tally: Tally;
  readonly #rooms: number;
  readonly #blank: Uint8Array;
  readonly #header = new Header();
  /** Which room a visitor is in. */
  readonly #roomOf: (visitor: number) => number;

  constructor(tally: Tally, rooms: number, sizeBytes: number, roomOfVisitor: (visitor: number) => number) {
    this.#tally = tally;
    this.#rooms = rooms;
    this.#blank = blankMessage(sizeBytes);
    this.#roomOf = roomOfVisitor;
  }

  message(visitor: number, bytes: Uint8Array, start: number, end: number): boolean {
    const intact =
      end - start === this.#blank.length &&
      readHeader(bytes, start, this.#header) &&
      paddingIntact(bytes, start, this.#blank);
    if (!intact) {
      this.#tally.corrupted++;
      return false;
    }
    this.#tally.visitDeliveries++;
    if (roomOf(this.#header.sender, this.#rooms) !== this.#roomOf(visitor)) this.#tally.misrouted++;
    return true;
  }

  endOfRead(): void {}

  error(_visitor: number, errorClass: string): void {
    this.#tally.countError(errorClass);
  }

  closed(_visitor: number, code: number): void {
    this.#tally.countError(`closed:${code}`);
  }
}
