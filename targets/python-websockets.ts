/** A plain WebSocket server on the library websockets, in a process of Python. */

import type { Target } from '../core/target.js';
import { ask, findRuntime, programCannot, programKinds, startProgram } from './programs/program.js';

/** Debian's own, which has Debian's packages, stands before others on PATH. */
const executables = ['/usr/bin/python3', findRuntime({ executable: 'python3' })];
const missing =
  'Python has no package websockets, or there is no python3: apt-get install python3-websockets, or pip install websockets';

interface Python {
  readonly executable: string;
  /** Of the library. */
  readonly version: string;
}

/** Undefined: not asked yet. */
let found: Python | 'none' | undefined;

/** The first that has the library. */
function python(): Python | undefined {
  found ??=
    executables.flatMap((executable) => {
      const version =
        executable && ask(executable, ['-c', 'import websockets.legacy.server; print(websockets.__version__)']);
      return executable && version ? [{ executable, version }] : [];
    })[0] ?? 'none';
  return found === 'none' ? undefined : found;
}

export default {
  protocol: 'websocket',
  transport: 'websocket',
  library: 'python-websockets',
  version: () => python()?.version,
  kinds: programKinds,
  cannot: programCannot,
  unavailable: () => (python() === undefined ? missing : undefined),
  start: async (request) => {
    const { executable } = python() ?? {};
    if (executable === undefined) throw new Error(missing);
    return startProgram([executable], 'python_server.py', request);
  },
} satisfies Target;
