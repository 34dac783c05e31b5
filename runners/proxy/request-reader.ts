/** Owns the division of what a client sends into HTTP/1.1 requests: no head goes on before it is whole and has been read. */

import type { RequestBody } from './request-body.js';
import { endOfHead, mostHeadBytes, readRequestHead } from './request-head.js';

/** What one step found, up to `end` in the bytes that were read. */
export type Step =
  /** Bytes that may go on; none while a head is not whole. */
  | { readonly type: 'pass'; readonly bytes: Buffer; readonly end: number }
  /** The whole head of a request that asks for a WebSocket. */
  | { readonly type: 'upgrade'; readonly bytes: Buffer; readonly end: number }
  /** Not HTTP/1.1: nothing after this can be told apart. */
  | { readonly type: 'malformed' };

const nothing = Buffer.alloc(0);

export class RequestReader {
  /** The beginning of a head that is not whole yet. */
  #begun: Buffer = nothing;
  #body: RequestBody | undefined;

  /** Reads one step, from `from` on; there is something to read. */
  read(bytes: Buffer, from: number): Step {
    if (this.#body === undefined) return this.#readHead(bytes, from);
    const end = this.#body.skip(bytes, from);
    if (end === undefined) return { type: 'malformed' };
    if (this.#body.over) this.#body = undefined;
    return { type: 'pass', bytes: bytes.subarray(from, end), end };
  }

  #readHead(bytes: Buffer, from: number): Step {
    const before = this.#begun.length;
    const more = bytes.subarray(from, from + mostHeadBytes - before);
    const all = before === 0 ? more : Buffer.concat([this.#begun, more]);
    const emptyLine = all.indexOf(endOfHead, Math.max(0, before - endOfHead.length + 1), 'latin1');
    if (emptyLine < 0) {
      if (all.length === mostHeadBytes) return { type: 'malformed' };
      this.#begun = all;
      return { type: 'pass', bytes: nothing, end: bytes.length };
    }
    this.#begun = nothing;
    const head = all.subarray(0, emptyLine + endOfHead.length);
    const request = readRequestHead(head);
    if (request === undefined) return { type: 'malformed' };
    if (!request.body.over) this.#body = request.body;
    return { type: request.asksForWebSocket ? 'upgrade' : 'pass', bytes: head, end: from + head.length - before };
  }
}
