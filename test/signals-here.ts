/** Signals to a command inside the process of the test. That the first and the second reach a process is proven in `run-failures.test.ts`. */

import { vi } from 'vitest';
import { endingSignals } from '../dist/cli/interrupt.js';
import type { Finished } from './bench-command.js';

/** @returns what has begun since to listen to the signals that end a command, each time that it is called. */
export function newListeners() {
  const heard = () => endingSignals.flatMap((name) => process.listeners(name).map((each) => ({ name, each })));
  const before = new Set<unknown>(heard().map(({ each }) => each));
  return () => heard().filter(({ each }) => !before.has(each));
}

/**
 * Has a command of `benchHere` hear `signals` as soon as `isTime`. What listens to them since then is removed: a command that
 * was interrupted leaves that to the end of its process.
 */
export async function signalsWhen(
  isTime: () => boolean,
  signals: readonly NodeJS.Signals[],
  command: () => Promise<Finished>,
): Promise<Finished> {
  const added = newListeners();
  const send = (signal: NodeJS.Signals) => {
    for (const { name, each } of added()) if (name === signal) each(signal);
  };
  let hasEnded = false;
  const finished = command().finally(() => {
    hasEnded = true;
  });
  try {
    await vi.waitUntil(() => hasEnded || isTime(), { timeout: 50_000, interval: 20 });
    for (const name of signals) send(name);
    return await finished;
  } finally {
    if (!hasEnded) {
      send('SIGINT');
      await finished;
    }
    for (const { name, each } of added()) process.off(name, each);
  }
}

/** Whether a command of `benchHere` has written `text` to standard error. */
export function saidHere(text: string): boolean {
  const { write } = process.stderr;
  return vi.isMockFunction(write) && vi.mocked(write).mock.calls.join('').includes(text);
}
