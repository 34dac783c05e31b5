/** Counts the calls that this process makes of the kernel, by strace where it is installed and may watch it. */

import { spawn } from 'node:child_process';
import { answersAtOnce, findOnPath } from '../machine/child-process.js';

export interface TracedCalls {
  /** Ends the count. @returns calls by name, or why there are none, the end of a sentence. */
  stop(): Promise<Readonly<Record<string, number>> | string>;
}

const strace = 'strace';

export function traceCalls(): TracedCalls {
  if (findOnPath(strace) === undefined) return { stop: async () => 'strace is not installed' };
  const child = spawn(strace, ['-c', '-f', '-p', String(process.pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const ended = new Promise<void>((resolve) => child.once('error', () => resolve()).once('close', () => resolve()));
  return {
    async stop() {
      child.kill('SIGINT');
      const impatient = setTimeout(() => child.kill('SIGKILL'), answersAtOnce.timeout);
      await ended;
      clearTimeout(impatient);
      const calls = countsIn(text);
      if (Object.keys(calls).length > 0) return calls;
      return `strace may not watch the server: ${text.trim().split('\n')[0] ?? ''}`;
    },
  };
}

/** The table that `strace -c` prints: share, seconds, us a call, calls, errors if there were any, and the name. */
export function countsIn(table: string): Record<string, number> {
  const rows = table.matchAll(/^ *[\d.]+ +[\d.]+ +\d+ +(\d+)(?: +\d+)? +(\w+)$/gm);
  return Object.fromEntries(
    [...rows].flatMap(([, calls, name]) => (name === undefined || name === 'total' ? [] : [[name, Number(calls)]])),
  );
}
