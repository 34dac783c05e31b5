/** A Socket.IO server on its engine for Bun, over WebSocket only as most compare it, in a process of Bun. */

import { createRequire } from 'node:module';
import type { Target } from '../core/target.js';
import { bun } from './bun.js';
import { programCannot, programKinds, requireRuntime, startProgram, unavailable } from './programs/program.js';

const engine = '@socket.io/bun-engine';

function missing(): string | undefined {
  try {
    createRequire(import.meta.url).resolve(engine);
    return unavailable(bun);
  } catch {
    return `The engine of Socket.IO for Bun is not installed: npm i -D ${engine}`;
  }
}

export default {
  protocol: 'socketio',
  transport: 'websocket',
  library: 'socket.io',
  kinds: programKinds,
  cannot: programCannot,
  unavailable: missing,
  start: (request) => startProgram([requireRuntime(bun), 'run'], 'socketio-bun-server.mjs', request),
} satisfies Target;
