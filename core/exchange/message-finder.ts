/**
 * Finds messages of the trial inside what a user's own server sends: by the bytes of their header alone, whatever is
 * wrapped around them. Where one was found is tried first the next time, because an envelope rarely changes its length.
 */

import { Header, headerBytes, readHeader } from '../payload/message.js';

const firstDigit = 0x30;
const lastDigit = 0x4f;

export class MessageFinder {
  /** Of the message found last. */
  readonly header = new Header();
  /** From the start of what is searched to the message found last. */
  #usualOffset = 0;

  /** @param sizeBytes of a message with its padding. */
  constructor(private readonly sizeBytes: number) {}

  /** Where the first message at or after `start` begins, so that it could end before `end`; -1 where there is none. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const usual = start + this.#usualOffset;
    if (usual + this.sizeBytes <= end && readHeader(bytes, usual, this.header)) return usual;
    const found = this.#search(bytes, start, end - this.sizeBytes);
    if (found >= 0) this.#usualOffset = found - start;
    return found;
  }

  /** The same, where no place is more likely than another. */
  findNext(bytes: Uint8Array, start: number, end: number): number {
    return this.#search(bytes, start, end - this.sizeBytes);
  }

  /** A header is a run of digits; where a longer run begins with other digits, each place in it is tried. */
  #search(bytes: Uint8Array, start: number, last: number): number {
    let run = 0;
    const stop = last + headerBytes;
    for (let at = start; at < stop; at++) {
      const byte = bytes[at] ?? 0;
      if (byte < firstDigit || byte > lastDigit) run = 0;
      else if (++run >= headerBytes && readHeader(bytes, at + 1 - headerBytes, this.header))
        return at + 1 - headerBytes;
    }
    return -1;
  }
}
