/** Echoes or broadcasts as it should, and counts what it receives and sends. */

import { knownServer } from '../behaviours/known-server.js';

export default knownServer(({ kind, everyone, send }) => ({
  message(socket, bytes) {
    if (kind === 'echo') send(socket, bytes);
    else for (const receiver of everyone) send(receiver, bytes);
  },
}));
