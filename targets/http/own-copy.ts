/** Copies a message for libraries that queue what they are given, because its bytes are reused. */

import type { PayloadType } from '../../core/message.js';

/** A string where the message is text, which is ASCII; else a Buffer. */
export function ownCopy(message: Uint8Array, type: PayloadType): string | Buffer {
  const copy = Buffer.from(message);
  return type === 'text' ? copy.toString('latin1') : copy;
}
