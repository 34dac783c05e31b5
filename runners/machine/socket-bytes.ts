/** Counts the bytes that all TCP sockets of a worker carried, by server, whoever opened them. */

import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

export interface SocketBytes {
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** The sums so far of all sockets to one server, which is known by its port. */
export type ReadSocketBytes = (port: number) => SocketBytes;

/**
 * Starts to watch every client socket of this thread. Node announces them on a diagnostics channel, which also sees
 * the sockets that a library opens for itself (long-polling opens new ones all the time).
 */
export function watchSocketBytes(): ReadSocketBytes {
  /** By socket, its server's port: a socket that has closed does not know it any more. */
  const open = new Map<Socket, number>();
  const closed = new Map<number, SocketBytes>();
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { socket: Socket };
    socket.once('connect', () => open.set(socket, socket.remotePort ?? 0));
    socket.once('close', () => {
      const port = open.get(socket);
      if (port === undefined) return;
      open.delete(socket);
      closed.set(port, plus(closed.get(port), socket));
    });
  });
  return (port) => {
    let sum = plus(closed.get(port));
    for (const [socket, to] of open) if (to === port) sum = plus(sum, socket);
    return sum;
  };
}

function plus(sum: SocketBytes | undefined, socket?: Socket): SocketBytes {
  return {
    bytesIn: (sum?.bytesIn ?? 0) + (socket?.bytesRead ?? 0),
    bytesOut: (sum?.bytesOut ?? 0) + (socket?.bytesWritten ?? 0),
  };
}
