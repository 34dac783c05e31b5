/**
 * All messages of a trial but for their headers, made at set-up: one where all have the same padding, else so many different
 * ones that a compressor that remembers earlier messages (32 KiB of them, RFC 7692 section 7.1.2) does not meet the same
 * padding again. Which of them a message is follows from its sender and sequence number, so that whoever receives it can
 * check it.
 *
 * They depend on nothing but size, type and content: every trial of every target, and a server that pushes from a process of
 * its own, sends the same ones, so that no difference between two trials is one of their messages.
 */

import { isAcknowledged, type Kind } from '../kind.js';
import { deriveSeed, seededRandom } from '../random.js';
import { type PayloadContent, paddingOf, payloadContents } from './content.js';
import { blankMessage, type Header, headerBytes, type PayloadType, paddingIntact, writeHeader } from './message.js';

/** What a message is made of. */
export interface Payload {
  readonly sizeBytes: number;
  readonly type: PayloadType;
  /** Undefined: `repeat`. */
  readonly content?: PayloadContent | undefined;
}

/** The paddings of a pool; more of them where that leaves too few, for large messages, and fewer where too many, for small ones. */
const usualBytes = 512 * 1024;
const fewest = 2;
const most = 4096;

/** Keeps neighbouring senders, which often send at the same time, as far from each other as possible (golden ratio). */
const senderStep = 0x9e3779b9;

export class MessagePool {
  readonly sizeBytes: number;
  /** How many different messages there are. */
  readonly count: number;
  /** The messages one after the other, as writeHeader and paddingIntact keep a view of the bytes that they last saw. */
  readonly #bytes: Uint8Array;
  readonly #messages: readonly Buffer[];

  constructor({ sizeBytes, type, content = 'repeat' }: Payload) {
    this.sizeBytes = sizeBytes;
    if (content === 'repeat') {
      this.count = 1;
      this.#bytes = blankMessage(sizeBytes);
    } else {
      this.count = Math.max(fewest, Math.min(most, Math.floor(usualBytes / sizeBytes)));
      this.#bytes = new Uint8Array(this.count * sizeBytes);
      const random = seededRandom(deriveSeed(sizeBytes, payloadContents.indexOf(content)));
      for (let at = 0; at < this.#bytes.length; at += sizeBytes)
        this.#bytes.set(paddingOf(content, type, random, sizeBytes - headerBytes), at + headerBytes);
    }
    const { buffer } = this.#bytes;
    this.#messages = Array.from({ length: this.count }, (_, i) => Buffer.from(buffer, i * sizeBytes, sizeBytes));
  }

  /** Each message, whatever its header holds; to be copied. */
  get messages(): readonly Uint8Array[] {
    return this.#messages;
  }

  /** Which of the messages it is. */
  indexOf(sender: number, sequence: number): number {
    if (this.count === 1) return 0;
    const first = Math.floor(((Math.imul(sender, senderStep) >>> 0) / 2 ** 32) * this.count);
    return (first + sequence) % this.count;
  }

  /** @returns a message with its header, in bytes that are written anew for the next one of the same padding. */
  write(sender: number, sequence: number, dueUs: number, sentUs: number, measured: boolean): Buffer {
    const index = this.indexOf(sender, sequence);
    writeHeader(this.#bytes, index * this.sizeBytes, 0, sender, sequence, dueUs, sentUs, measured);
    return this.#messages[index] as Buffer;
  }

  /** Whether the padding of the message at `at` is what it was sent with. */
  isIntact(bytes: Uint8Array, at: number, { sender, sequence }: Header): boolean {
    const { sizeBytes } = this;
    return paddingIntact(bytes, at, this.#bytes, this.indexOf(sender, sequence) * sizeBytes, sizeBytes);
  }
}

/** What is delivered of the messages of a workload: an acknowledgement is a header and nothing else. */
export function deliveriesOf({ kind, payload }: { readonly kind: Kind; readonly payload: Payload }): MessagePool {
  return new MessagePool(isAcknowledged(kind) ? { sizeBytes: headerBytes, type: payload.type } : payload);
}
