/** Owns the byte counts of a worker: everything that its TCP sockets carried, whoever opened them. */

import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

export interface Traffic {
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/**
 * Starts to watch every client socket of this thread. Node announces them on a diagnostics channel, which also sees
 * the sockets that a library opens for itself (long-polling opens new ones all the time).
 * @returns a function that reads the sums so far.
 */
export function watchTraffic(): () => Traffic {
  const open = new Set<Socket>();
  let closedIn = 0;
  let closedOut = 0;
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { socket: Socket };
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      closedIn += socket.bytesRead;
      closedOut += socket.bytesWritten;
    });
  });
  return () => {
    let bytesIn = closedIn;
    let bytesOut = closedOut;
    for (const socket of open) {
      bytesIn += socket.bytesRead;
      bytesOut += socket.bytesWritten;
    }
    return { bytesIn, bytesOut };
  };
}
