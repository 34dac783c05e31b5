/** Signals to a command inside the process of the test. That the first and the second reach a process is proven in `run-failures.test.ts`. */

import { vi } from 'vitest';
import type { Finished } from './bench-command.js';

/**
 * Has a command of `benchHere` hear `signals` as soon as `isTime`. What listens to them since then is removed: a command that
 * was interrupted leaves that to the end of its process.
 */
export async function signalsWhen(
  isTime: () => boolean,
  signals: readonly NodeJS.Signals[],
  command: () => Promise<Finished>,
): Promise<Finished> {
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const before = new Map<NodeJS.Signals, unknown[]>(names.map((name) => [name, process.listeners(name)]));
  const added = (name: NodeJS.Signals) =>
    process.listeners(name).filter((listener) => before.get(name)?.includes(listener) !== true);
  let hasEnded = false;
  const finished = command().finally(() => {
    hasEnded = true;
  });
  try {
    await vi.waitUntil(() => hasEnded || isTime(), { timeout: 50_000, interval: 20 });
    for (const name of signals) for (const listener of added(name)) listener(name);
    return await finished;
  } finally {
    if (!hasEnded) {
      for (const listener of added('SIGINT')) listener('SIGINT');
      await finished;
    }
    for (const name of names) for (const listener of added(name)) process.off(name, listener);
  }
}

/** Whether a command of `benchHere` has written `text` to standard error. */
export function saidHere(text: string): boolean {
  const { write } = process.stderr;
  return vi.isMockFunction(write) && vi.mocked(write).mock.calls.join('').includes(text);
}
