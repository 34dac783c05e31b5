/** Handles Ctrl-C: the first ends what is running in good order, the second ends everything at once. */

import { exitCodes } from './exit-code.js';

/**
 * @returns a signal that aborts at the first SIGINT or SIGTERM, and a function that stops listening. After a first signal it
 * goes on listening, so that a second ends the process with the same code while what was saved is still being told.
 */
export function interruptible(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    // Servers die with this process: the kernel sees to it, or their closed channel does.
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    process.stderr.write('\nending what is running and saving what is measured; once more to quit at once\n');
    controller.abort(new Error('interrupted'));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    release: () => {
      if (!controller.signal.aborted) process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    },
  };
}
