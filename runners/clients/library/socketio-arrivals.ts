/** Receives payloads that the Socket.IO library has decoded: notes the time, checks the type, hands them over. */

import type { ClientSetup } from '../../../core/client.js';

export type Receive = (receiver: number, payload: unknown) => void;

/** For text or binary, as `setup` says. */
export function receiveFor({ payload: { sizeBytes, type }, inbox, clock }: ClientSetup): Receive {
  /** Holds a string as bytes. */
  let incoming = Buffer.alloc(sizeBytes);

  function receiveText(receiver: number, payload: unknown): void {
    const receivedUs = clock.nowUs();
    if (typeof payload !== 'string') {
      inbox.error(receiver, 'wrong-type');
      return;
    }
    const length = Buffer.byteLength(payload);
    if (length > incoming.length) incoming = Buffer.alloc(length);
    incoming.write(payload, 0, length, 'utf8');
    inbox.message(receiver, incoming, 0, length, receivedUs);
    inbox.endOfRead(receiver);
  }

  function receiveBinary(receiver: number, payload: unknown): void {
    const receivedUs = clock.nowUs();
    if (!(payload instanceof Uint8Array)) {
      inbox.error(receiver, 'wrong-type');
      return;
    }
    inbox.message(receiver, payload, 0, payload.length, receivedUs);
    inbox.endOfRead(receiver);
  }

  return type === 'binary' ? receiveBinary : receiveText;
}
