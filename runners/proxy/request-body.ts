/** Owns where the body of an HTTP/1.1 request ends (RFC 9112 §6 and §7.1). The bytes themselves are the server's matter. */

export interface RequestBody {
  readonly over: boolean;
  /**
   * Passes over what belongs to the body, from `from` on.
   * @returns where that ends: `bytes.length` when the body goes on; undefined when its framing is broken.
   */
  skip(bytes: Buffer, from: number): number | undefined;
}

/** A body whose length `Content-Length` gives. */
export class CountedBody implements RequestBody {
  #leftBytes: number;

  constructor(lengthBytes: number) {
    this.#leftBytes = lengthBytes;
  }

  get over(): boolean {
    return this.#leftBytes === 0;
  }

  skip(bytes: Buffer, from: number): number {
    const end = Math.min(bytes.length, from + this.#leftBytes);
    this.#leftBytes -= end - from;
    return end;
  }
}

/** Longest line of a chunked body: a size with its extensions, or a trailer field. */
const mostLineBytes = 4 * 1024;
const lineEndBytes = 2;
const chunkSize = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i;

/** A body in chunks: each its size in hexadecimal on a line, then its bytes; the one of size 0 is followed by trailers. */
export class ChunkedBody implements RequestBody {
  #part: 'size' | 'data' | 'trailers' | 'over' = 'size';
  /** Of the current chunk, with the end of line after it. */
  #leftBytes = 0;
  #line = '';

  get over(): boolean {
    return this.#part === 'over';
  }

  skip(bytes: Buffer, from: number): number | undefined {
    let at = from;
    while (at < bytes.length && !this.over) {
      const end = this.#part === 'data' ? this.#skipData(bytes, at) : this.#skipLine(bytes, at);
      if (end === undefined) return undefined;
      at = end;
    }
    return at;
  }

  #skipData(bytes: Buffer, from: number): number {
    const end = Math.min(bytes.length, from + this.#leftBytes);
    this.#leftBytes -= end - from;
    if (this.#leftBytes === 0) this.#part = 'size';
    return end;
  }

  #skipLine(bytes: Buffer, from: number): number | undefined {
    const newline = bytes.indexOf('\n', from);
    const end = newline < 0 ? bytes.length : newline + 1;
    if (this.#line.length + end - from > mostLineBytes) return undefined;
    this.#line += bytes.toString('latin1', from, end);
    if (newline < 0) return end;
    const line = this.#line;
    this.#line = '';
    return line.endsWith('\r\n') && this.#enter(line.slice(0, -lineEndBytes)) ? end : undefined;
  }

  /** @returns false when the line is no chunk's size, though it should be one. */
  #enter(line: string): boolean {
    if (this.#part === 'trailers') {
      if (line === '') this.#part = 'over';
      return true;
    }
    const size = chunkSize.exec(line)?.[1];
    if (size === undefined) return false;
    const bytes = Number.parseInt(size, 16);
    this.#part = bytes === 0 ? 'trailers' : 'data';
    this.#leftBytes = bytes + lineEndBytes;
    return true;
  }
}
