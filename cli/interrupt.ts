/** Handles Ctrl-C: the first ends what is running in good order, the second ends everything at once. */

import { HarnessError } from '../runners/failure.js';
import { exitCodes } from './exit-code.js';

/**
 * @param use its signal aborts at the first SIGINT or SIGTERM; where it fails for that reason, the exit code says so. A
 * second one ends the process with the same code, also while what was saved is still being told.
 */
export async function interruptible(use: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const onSignal = (): void => {
    // Servers die with this process: the kernel sees to it, or their closed channel does.
    if (signal.aborted) process.exit(exitCodes.interrupted);
    process.stderr.write('\nending what is running and saving what is measured; once more to quit at once\n');
    controller.abort(new Error('interrupted'));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    await use(signal);
  } catch (error) {
    // What could not be saved is told all the same.
    if (!signal.aborted || error instanceof HarnessError) throw error;
    process.exitCode = exitCodes.interrupted;
  } finally {
    if (!signal.aborted) process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
