/** Owns ending a socket at once, by a reset where Node can send one. */

import type { Socket } from 'node:net';

/** Nothing that is still queued leaves, and no error follows. */
export function reset(socket: Socket): void {
  // Node would wait for a socket that is connecting, and lose the handle of one that is shutting down its half.
  const cannot = socket.connecting || (socket.writableEnded && !socket.writableFinished);
  if (cannot) socket.destroy();
  else if (!socket.destroyed) socket.resetAndDestroy();
}
