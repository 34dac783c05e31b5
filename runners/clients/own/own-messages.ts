/** Hands over the messages of a trial that lie somewhere inside what a user's own server sends. */

import type { ClientSetup, Inbox, OwnServer } from '../../../core/client.js';
import { MessageFinder } from '../../../core/exchange/message-finder.js';
import { isPushed } from '../../../core/kind.js';
import { OwnPushes } from './own-pushes.js';

/** Takes what the server sends to be measured. */
export type OwnDeliveries = Pick<OwnMessages, 'deliver'>;

export function ownDeliveries(setup: ClientSetup, { endpoint }: OwnServer): OwnDeliveries {
  if (isPushed(setup.kind)) return new OwnPushes(setup, endpoint.exchange.sentAt);
  return new OwnMessages(setup.inbox, setup.payload.sizeBytes);
}

export class OwnMessages {
  readonly #finder: MessageFinder;

  /** @param sizeBytes of a message. */
  constructor(
    private readonly inbox: Inbox,
    private readonly sizeBytes: number,
  ) {
    this.#finder = new MessageFinder(sizeBytes);
  }

  /**
   * Hands over every message between `start` and `end`; one that stands there twice in a row, once. Where there is none,
   * that is counted. @returns true when all are intact.
   */
  deliver(receiver: number, bytes: Uint8Array, start: number, end: number, receivedUs: number): boolean {
    const finder = this.#finder;
    let at = finder.find(bytes, start, end);
    if (at < 0) {
      this.inbox.unrecognised(receiver, bytes, start, end);
      return false;
    }
    let areIntact = true;
    let [sender, sequence] = [-1, -1];
    while (at >= 0) {
      const { header } = finder;
      const next = at + this.sizeBytes;
      if (header.sender !== sender || header.sequence !== sequence)
        areIntact = this.inbox.message(receiver, bytes, at, next, receivedUs) && areIntact;
      [sender, sequence] = [header.sender, header.sequence];
      at = end - next < this.sizeBytes ? -1 : finder.findNext(bytes, next, end);
    }
    return areIntact;
  }
}
