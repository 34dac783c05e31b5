/** Keeps what the connections of the contract test receive: who had which message, and whatever is not as it should be. */

import type { Inbox } from '../dist/core/client.js';
import { blankMessage, Header, paddingIntact, readHeader } from '../dist/core/payload/message.js';

/** What every message of the test has been underway for before it was sent; `sentUs` is `dueUs` and this. */
export const lagUs = 7;

/** Keeps what arrives as `sender:sequence` by receiver, and everything else as complaints. */
export class Recorder implements Inbox {
  readonly delivered: string[][];
  readonly complaints: string[] = [];
  readonly closedReceivers = new Set<number>();
  readonly #blank: Uint8Array;
  readonly #header = new Header();
  #timer = () => {};

  /** @param sizeBytes of what is delivered, which is the header alone where the kind is ack. */
  constructor(sizeBytes: number, connections: number) {
    this.#blank = blankMessage(sizeBytes);
    this.delivered = Array.from({ length: connections }, () => []);
  }

  get total(): number {
    return this.delivered.flat().length;
  }

  message(receiver: number, bytes: Uint8Array, start: number, end: number, receivedUs: number): boolean {
    const isIntact =
      end - start === this.#blank.length &&
      readHeader(bytes, start, this.#header) &&
      paddingIntact(bytes, start, this.#blank);
    if (!isIntact) this.complaints.push(`corrupted at ${receiver}`);
    const { sender, sequence, dueUs, sentUs, measured } = this.#header;
    if (!measured || sentUs !== dueUs + lagUs) this.complaints.push('header fields lost');
    if (receivedUs < sentUs) this.complaints.push('received before it was sent');
    this.delivered[receiver]!.push(`${sender}:${sequence}`);
    this.#timer();
    return isIntact;
  }
  endOfRead(): void {}
  error(receiver: number, errorClass: string): void {
    this.complaints.push(`${errorClass} at ${receiver}`);
    this.#timer();
  }
  other(receiver: number, name: string): void {
    this.error(receiver, `other ${name}`);
  }
  pushed(receiver: number): void {
    this.error(receiver, 'pushed');
  }
  unrecognised(receiver: number): void {
    this.error(receiver, 'unrecognised');
  }
  closed(receiver: number, code: number): void {
    if (this.closedReceivers.has(receiver)) this.complaints.push(`closed twice at ${receiver}`);
    if (!Number.isInteger(code)) this.complaints.push(`close code ${code}`);
    this.closedReceivers.add(receiver);
    this.#timer();
  }

  /** Resolves when `done` holds, at the first complaint or after long silence: the assertion that follows tells. */
  until(done: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const giveUp = setTimeout(resolve, 10_000);
      this.#timer = () => {
        if (!done() && this.complaints.length === 0) return;
        clearTimeout(giveUp);
        resolve();
      };
      this.#timer();
    });
  }
}
