/** Reads the responses of one connection of HTTP/1.1 (RFC 9112), one after the other: status, header and body. */

import { settings } from '../../../core/target.js';

const endOfHeader = '\r\n\r\n';
const mostHeaderBytes = 16 * 1024;
/** Several messages may come in one body, each in base64. */
const mostBodyBytes = 8 * settings.maxMessageBytes;

export class HttpResponse {
  status = 0;
  /** Status line and fields. */
  header = '';
  /** Of the body, `bytes` from `start` to `end`; lent until the next read. */
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  /** Whether the server leaves the connection open. */
  keepsAlive = true;
  /** What came in earlier reads. */
  #held: Buffer | undefined;
  #heldBytes = 0;
  /** Where the body starts; undefined before the header is whole. */
  #bodyAt: number | undefined;
  /** Undefined: until the server closes the connection. */
  #bodyBytes: number | undefined;
  #isChunked = false;

  /**
   * Takes what one read brought, `chunk` up to `length`.
   * @returns true when the response is whole, false when more is to come, or the error class that it failed with.
   */
  read(chunk: Buffer, length: number): boolean | string {
    const bytes = this.#held === undefined ? chunk : this.#hold(chunk, length);
    const total = this.#held === undefined ? length : this.#heldBytes;
    if (this.#bodyAt === undefined) {
      const headerEnd = bytes.indexOf(endOfHeader, 0, 'latin1');
      const isWhole = headerEnd >= 0 && headerEnd + endOfHeader.length <= total;
      if ((isWhole ? headerEnd : total) > mostHeaderBytes) return 'connect:header-too-large';
      if (isWhole && !this.#parse(bytes.toString('latin1', 0, headerEnd))) return 'connect:bad-response';
      if (isWhole) this.#bodyAt = headerEnd + endOfHeader.length;
    }
    const isWhole = this.#isWhole(bytes, total);
    if (isWhole === false && total > mostHeaderBytes + mostBodyBytes) return 'frame:too-large';
    if (isWhole === false && this.#held === undefined) this.#hold(chunk, length);
    return isWhole;
  }

  /** The server has closed the connection. @returns whether that made the response whole. */
  closed(): boolean {
    if (this.#bodyAt === undefined || this.#isChunked || this.#bodyBytes !== undefined) return false;
    this.#found(this.#held ?? this.bytes, this.#bodyAt, this.#heldBytes);
    return true;
  }

  /** Another response is to come. */
  next(): void {
    this.#held = undefined;
    this.#heldBytes = 0;
    this.#bodyAt = undefined;
  }

  #hold(chunk: Buffer, length: number): Buffer {
    const needed = this.#heldBytes + length;
    if (this.#held === undefined || this.#held.length < needed) {
      const larger = Buffer.allocUnsafeSlow(2 * needed);
      this.#held?.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#heldBytes, 0, length);
    this.#heldBytes = needed;
    return this.#held;
  }

  #parse(header: string): boolean {
    const [, version, status] = /^HTTP\/1\.([01]) (\d{3})(?: |\r|$)/.exec(header) ?? [];
    if (status === undefined) return false;
    this.header = header;
    this.status = Number(status);
    const length = /\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*(?:\r|$)/i.exec(header)?.[1];
    this.#isChunked = /\r\ntransfer-encoding:[ \t]*chunked[ \t]*(?:\r|$)/i.test(header);
    const hasNoBody = this.status === 204 || this.status === 304;
    this.#bodyBytes = hasNoBody ? 0 : length === undefined ? undefined : Number(length);
    const isUntilClose = this.#bodyBytes === undefined && !this.#isChunked;
    this.keepsAlive = version === '1' && !isUntilClose && !/\r\nconnection:[ \t]*close/i.test(header);
    // Informational responses are for who has asked for them.
    return this.status >= 200;
  }

  #isWhole(bytes: Buffer, total: number): boolean | string {
    const start = this.#bodyAt;
    if (start === undefined) return false;
    if (this.#isChunked) return this.#unchunk(bytes, start, total);
    if (this.#bodyBytes === undefined || total < start + this.#bodyBytes) return false;
    this.#found(bytes, start, start + this.#bodyBytes);
    // Nothing else was asked for.
    return total === this.end || 'connect:bad-response';
  }

  /** Section 7.1. */
  #unchunk(bytes: Buffer, bodyAt: number, total: number): boolean | string {
    const parts: Buffer[] = [];
    for (let at = bodyAt; ; ) {
      const lineEnd = bytes.indexOf('\r\n', at, 'latin1');
      if (lineEnd < 0 || lineEnd + 2 > total) return false;
      const size = /^([0-9a-f]{1,8})[ \t]*(?:;|$)/i.exec(
        bytes.toString('latin1', at, Math.min(lineEnd, at + 200)),
      )?.[1];
      if (size === undefined) return 'connect:bad-response';
      const start = lineEnd + 2;
      const end = start + Number.parseInt(size, 16);
      if (end === start) return this.#afterChunks(bytes, lineEnd, total, parts);
      if (end + 2 > total) return false;
      if (bytes[end] !== 0x0d || bytes[end + 1] !== 0x0a) return 'connect:bad-response';
      parts.push(bytes.subarray(start, end));
      at = end + 2;
    }
  }

  /** @param at the end of the last line, after which there may be further fields. */
  #afterChunks(bytes: Buffer, at: number, total: number, parts: readonly Buffer[]): boolean | string {
    const fieldsEnd = bytes.indexOf(endOfHeader, at, 'latin1');
    if (fieldsEnd < 0 || fieldsEnd + endOfHeader.length > total) return false;
    const body = Buffer.concat(parts);
    this.#found(body, 0, body.length);
    return fieldsEnd + endOfHeader.length === total || 'connect:bad-response';
  }

  #found(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }
}
