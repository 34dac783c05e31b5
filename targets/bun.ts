/** A plain WebSocket server on Bun.serve, in a process of Bun. */

import type { Target } from '../core/target.js';
import { ask, findRuntime, programCannot, programKinds, type Runtime, startProgram } from './programs/program.js';

const runtime: Runtime = { executable: 'bun', carrier: ['@oven/bun-linux-x64', 'bin/bun'] };

/** @throws Error with the sentence of `bunUnavailable`. */
export function bun(): string {
  const found = findRuntime(runtime);
  if (found === undefined) throw new Error(missing);
  return found;
}

const missing =
  'Bun is not installed: put `bun` on PATH (https://bun.com), or on Linux with an x64 processor: npm i -D @oven/bun-linux-x64';

export function bunUnavailable(): string | undefined {
  return findRuntime(runtime) === undefined ? missing : undefined;
}

export default {
  protocol: 'websocket',
  transport: 'websocket',
  library: 'bun',
  version: () => ask(bun(), ['--version']),
  kinds: programKinds,
  cannot: programCannot,
  unavailable: bunUnavailable,
  start: (request) => startProgram([bun(), 'run'], 'bun-server.mjs', request),
} satisfies Target;
