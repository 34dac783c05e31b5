/** Hands over messages that a library has decoded already: as text or as bytes. */

import type { ClientSetup } from '../../../core/client.js';

/** @returns what takes a message of any type, the type that `setup` says being the right one. */
export function decodedPayloads({ payload: { sizeBytes, type }, inbox, clock }: ClientSetup) {
  /** Holds a string as bytes. */
  let incoming = Buffer.alloc(sizeBytes);

  return (receiver: number, payload: unknown): void => {
    const receivedUs = clock.nowUs();
    if (type === 'text' && typeof payload === 'string') {
      const length = Buffer.byteLength(payload);
      if (length > incoming.length) incoming = Buffer.alloc(length);
      incoming.write(payload, 0, length, 'utf8');
      inbox.message(receiver, incoming, 0, length, receivedUs);
    } else if (type === 'binary' && payload instanceof Uint8Array)
      inbox.message(receiver, payload, 0, payload.length, receivedUs);
    else {
      inbox.error(receiver, 'wrong-type');
      return;
    }
    inbox.endOfRead(receiver);
  };
}
