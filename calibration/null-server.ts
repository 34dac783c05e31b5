/**
 * Owns the server that does least: all frames of a read go back in one write, as they came. It looks at no message, so
 * that it is the generator that sets the pace.
 */

import type { Protocol, Target } from '../core/target.js';
import { bareServer } from './bare-server.js';

export function nullServer(protocol: Protocol): Target {
  return bareServer(protocol, ({ kind, everyone }) => ({
    frames(socket, frames) {
      if (kind === 'echo') socket.write(frames);
      else for (const receiver of everyone) receiver.write(frames);
    },
  }));
}
