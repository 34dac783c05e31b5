/** Owns bytes that wait for the rest to come: a buffer that doubles when full, so it is never ahead of what was received. */

const smallestBytes = 64;

export class PartialBytes {
  bytes: Buffer;
  length = 0;

  constructor(source: Buffer, start: number, end: number) {
    this.bytes = Buffer.allocUnsafe(Math.max(smallestBytes, end - start));
    this.append(source, start, end);
  }

  append(source: Buffer, start: number, end: number): void {
    const needed = this.length + end - start;
    if (needed > this.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, needed));
      this.bytes.copy(grown, 0, 0, this.length);
      this.bytes = grown;
    }
    source.copy(this.bytes, this.length, start, end);
    this.length = needed;
  }
}
