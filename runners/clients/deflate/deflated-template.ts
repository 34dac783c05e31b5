/**
 * Template of messages with different paddings, each compressed by itself at set-up: of several lengths, so that they are
 * copied one behind the other.
 */

import type { MessagePool } from '../../../core/payload/message-pool.js';
import { type FrameOfMessage, type MessageTemplate, slotsFor, WireMessage } from '../websocket/frame-template.js';

export class DeflatedTemplate implements MessageTemplate {
  readonly slots: number;
  readonly #messages: readonly WireMessage[];
  #bytes: Buffer;
  /** Where the message in each slot ends. */
  readonly #ends: Uint32Array;

  /** @param framesOf the compressed frames of each message of the pool. */
  constructor(
    private readonly pool: MessagePool,
    framesOf: (blank: Uint8Array) => readonly FrameOfMessage[],
  ) {
    this.#messages = pool.messages.map((blank) => new WireMessage(framesOf(blank)));
    const longest = Math.max(...this.#messages.map(({ bytes }) => bytes.length));
    this.slots = slotsFor(longest);
    this.#bytes = Buffer.allocUnsafeSlow(this.slots * longest);
    this.#ends = new Uint32Array(this.slots);
  }

  write(slot: number, sender: number, sequence: number, dueUs: number, sentUs: number, measured: boolean): void {
    const message = this.#messages[this.pool.indexOf(sender, sequence)];
    if (message === undefined) return;
    const at = slot === 0 ? 0 : (this.#ends[slot - 1] ?? 0);
    this.#bytes.set(message.bytes, at);
    message.writeInto(this.#bytes, at, sender, sequence, dueUs, sentUs, measured);
    this.#ends[slot] = at + message.bytes.length;
  }

  view(count: number): Buffer {
    return this.#bytes.subarray(0, this.#ends[count - 1]);
  }

  renew(): void {
    this.#bytes = Buffer.allocUnsafeSlow(this.#bytes.length);
  }
}
