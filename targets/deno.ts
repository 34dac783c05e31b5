/** A plain WebSocket server on Deno.serve, in a process of Deno. */

import type { Target } from '../core/target.js';
import { ask, findRuntime, programCannot, programKinds, type Runtime, startProgram } from './programs/program.js';

const runtime: Runtime = { executable: 'deno', carrier: ['@deno/linux-x64-glibc', 'deno'] };
const missing =
  'Deno is not installed: put `deno` on PATH (https://deno.com), or on Linux with an x64 processor: npm i -D @deno/linux-x64-glibc';

function deno(): string {
  const found = findRuntime(runtime);
  if (found === undefined) throw new Error(missing);
  return found;
}

export default {
  protocol: 'websocket',
  transport: 'websocket',
  library: 'deno',
  version: () => ask(deno(), ['eval', 'console.log(Deno.version.deno)']),
  kinds: programKinds,
  cannot: programCannot,
  unavailable: () => (findRuntime(runtime) === undefined ? missing : undefined),
  start: (request) =>
    startProgram([deno(), 'run', '--no-config', '--no-lock', '--allow-net'], 'deno-server.mjs', request),
} satisfies Target;
