/** Several processes of uWebSockets.js on one port, which pass on to each other what they publish. */

import { fileURLToPath } from 'node:url';
import type { Target } from '../core/target.js';
import { startProgram } from './programs/program.js';
import { severalProcesses } from './several/replicas.js';
import { uwsUnavailable } from './uws.js';

export default {
  protocol: 'websocket',
  transport: 'websocket',
  library: 'uWebSockets.js',
  ...severalProcesses,
  unavailable: uwsUnavailable,
  start: (request) =>
    startProgram([process.execPath], fileURLToPath(new URL('./several/uws-primary.js', import.meta.url)), request),
} satisfies Target;
