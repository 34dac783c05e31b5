/** A plain WebSocket server on Bun.serve, in a process of Bun. */

import type { Target } from '../core/target.js';
import {
  ask,
  programCannot,
  programKinds,
  type Runtime,
  requireRuntime,
  startProgram,
  unavailable,
} from './programs/program.js';

export const bun: Runtime = {
  executable: 'bun',
  carrier: ['@oven/bun-linux-x64', 'bin/bun'],
  missing:
    'Bun is not installed: put `bun` on PATH (https://bun.com), or on Linux with an x64 processor: npm i -D @oven/bun-linux-x64',
};

export default {
  protocol: 'websocket',
  transport: 'websocket',
  library: 'bun',
  version: () => ask(requireRuntime(bun), ['--version']),
  kinds: programKinds,
  cannot: programCannot,
  unavailable: () => unavailable(bun),
  start: (request) => startProgram([requireRuntime(bun), 'run'], 'bun-server.mjs', request),
} satisfies Target;
