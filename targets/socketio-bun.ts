/** A Socket.IO server on its engine for Bun, over WebSocket only as most compare it, in a process of Bun. */

import type { Target } from '../core/target.js';
import { bun } from './bun.js';
import {
  missingPackages,
  programCannot,
  programKinds,
  requireRuntime,
  startProgram,
  unavailable,
} from './programs/program.js';

export default {
  protocol: 'socketio',
  transport: 'websocket',
  library: 'socket.io',
  kinds: programKinds,
  cannot: programCannot,
  unavailable: () => missingPackages(['@socket.io/bun-engine']) ?? unavailable(bun),
  start: (request) => startProgram([requireRuntime(bun), 'run'], 'socketio-bun-server.mjs', request),
} satisfies Target;
