/**
 * Echoes, and drops every 1000th message, sends every 997th twice, swaps every 991st with the next of its connection and
 * spoils a byte of every 983rd, another one each time. It counts what it did.
 */

import type { WebSocket } from 'ws';
import { knownServer } from '../behaviours/known-server.js';

const dropEvery = 1000;
const duplicateEvery = 997;
const swapEvery = 991;
const corruptEvery = 983;

export default knownServer(({ send }) => {
  const held = new Map<WebSocket, Buffer>();
  const did = { dropped: 0, duplicated: 0, swapped: 0, corrupted: 0 };
  let received = 0;

  /** A message that came in whole lets the one that waits for its successor go. */
  const sendWhole = (socket: WebSocket, bytes: Buffer): void => {
    send(socket, bytes);
    const waiting = held.get(socket);
    if (waiting === undefined) return;
    held.delete(socket);
    send(socket, waiting);
    did.swapped++;
  };

  return {
    message(socket, bytes) {
      received++;
      if (received % dropEvery === 0) did.dropped++;
      else if (received % corruptEvery === 0) {
        const spoilt = Buffer.from(bytes);
        // The lowest bit keeps ASCII ASCII: what is wrong is the message, not the encoding of text.
        spoilt[did.corrupted % spoilt.length]! ^= 1;
        send(socket, spoilt);
        did.corrupted++;
      } else if (received % swapEvery === 0 && !held.has(socket)) held.set(socket, bytes);
      else {
        sendWhole(socket, bytes);
        if (received % duplicateEvery === 0) {
          send(socket, bytes);
          did.duplicated++;
        }
      }
    },
    // What still waits for a successor at the end was never sent.
    account: () => ({ ...did, dropped: did.dropped + held.size }),
  };
});
