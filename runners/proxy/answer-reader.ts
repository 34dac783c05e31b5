/** Owns the server's answer to one request: its final head is looked for, and interim ones (RFC 9110 §15.2) pass before it. */

import { endOfHead, mostHeadBytes } from './request-head.js';

export type Answer =
  /** Switching protocols: `bytes` end with the head. */
  | { readonly type: 'switched'; readonly bytes: Buffer }
  /** Anything else; `bytes` are all that came. */
  | { readonly type: 'declined'; readonly bytes: Buffer }
  | { readonly type: 'malformed' };

export class AnswerReader {
  #bytes = Buffer.alloc(0);
  /** Where the head begins that is not whole yet. */
  #from = 0;

  /** Takes what came. @returns undefined when the answer is not known yet. */
  read(chunk: Buffer): Answer | undefined {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    for (;;) {
      const emptyLine = this.#bytes.indexOf(endOfHead, this.#from, 'latin1');
      if (emptyLine < 0 || emptyLine > mostHeadBytes)
        return this.#bytes.length > mostHeadBytes ? { type: 'malformed' } : undefined;
      const end = emptyLine + endOfHead.length;
      const status = /^HTTP\/1\.1 (\d{3})(?: |\r)/.exec(this.#bytes.toString('latin1', this.#from, end))?.[1];
      if (status === undefined) return { type: 'malformed' };
      if (status === '101') return { type: 'switched', bytes: this.#bytes.subarray(0, end) };
      if (!status.startsWith('1')) return { type: 'declined', bytes: this.#bytes };
      this.#from = end;
    }
  }
}
