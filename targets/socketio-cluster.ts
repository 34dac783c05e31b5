/** Socket.IO in the processes of Node's cluster, over WebSocket only. */

import { fileURLToPath } from 'node:url';
import type { Target } from '../core/target.js';
import { missingPackages, startProgram } from './programs/program.js';
import { severalProcesses } from './several/replicas.js';

export default {
  protocol: 'socketio',
  transport: 'websocket',
  library: 'socket.io',
  ...severalProcesses,
  unavailable: () => missingPackages(['@socket.io/cluster-adapter']),
  start: (request) =>
    startProgram([process.execPath], fileURLToPath(new URL('./several/socketio-primary.js', import.meta.url)), request),
} satisfies Target;
