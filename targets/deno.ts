/** A plain WebSocket server on Deno.serve, in a process of Deno. */

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

const deno: Runtime = {
  executable: 'deno',
  carrier: ['@deno/linux-x64-glibc', 'deno'],
  missing:
    'Deno is not installed: put `deno` on PATH (https://deno.com), or on Linux with an x64 processor: npm i -D @deno/linux-x64-glibc',
};

export default {
  protocol: 'websocket',
  transport: 'websocket',
  library: 'deno',
  version: () => ask(requireRuntime(deno), ['eval', 'console.log(Deno.version.deno)']),
  kinds: programKinds,
  cannot: programCannot,
  unavailable: () => unavailable(deno),
  start: (request) =>
    startProgram([requireRuntime(deno), 'run', '--no-config', '--no-lock', '--allow-net'], 'deno-server.mjs', request),
} satisfies Target;
