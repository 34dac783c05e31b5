/**
 * What commands that measure have in common: they take turns with other benches on the machine; Ctrl-C or the end of the
 * terminal ends what is running in good order, a second signal at once.
 */

import type { Reason } from '../core/measure/reason.js';
import { terminalText } from '../reports/drawing/escaping.js';
import { HarnessError, UsageError } from '../runners/failure.js';
import { takingTurns } from '../runners/machine-lock.js';
import { maxAttempts } from '../runners/run/session.js';
import { exitCodes } from './exit-code.js';

/** SIGHUP comes when the terminal is closed, or the connection to it is lost. */
export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const mostAttempts = 100;

export const waitOption = {
  type: 'boolean',
  default: true,
  describe: 'Wait while another bench measures on this machine; --no-wait goes on at once, with a warning',
} as const;

export const attemptsOption = {
  type: 'number',
  default: maxAttempts,
  describe: 'How often a trial is measured at most, until it is valid; the last attempt stands, valid or not',
} as const;

/** @throws UsageError when it is no number of attempts. */
export function attemptsFrom({ attempts }: { readonly attempts: number }): number {
  if (Number.isInteger(attempts) && attempts >= 1 && attempts <= mostAttempts) return attempts;
  throw new UsageError(`--attempts: a whole number from 1 to ${mostAttempts} is expected`);
}

/**
 * As `interruptible`, when no other bench measures on this machine.
 * @param command what others are told who wait for this one. @param use with the warnings that its figures need.
 */
export function measuring(
  command: string,
  wait: boolean,
  use: (signal: AbortSignal, warnings: readonly Reason[]) => Promise<void>,
): Promise<void> {
  const tell = (sentence: string): void => void process.stderr.write(`bench: ${terminalText(sentence)}\n`);
  return interruptible((signal) => takingTurns({ command, wait, signal }, tell, (warnings) => use(signal, warnings)));
}

/**
 * @param use its signal aborts at the first of `endingSignals`; where it fails for that reason, the exit code says so. A
 * second one ends the process with the same code, also while what was saved is still being told.
 */
async function interruptible(use: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const onSignal = (name: NodeJS.Signals): void => {
    if (signal.aborted) {
      // A terminal that is closed sends it twice: the kernel does, and the shell.
      if (name === 'SIGHUP') return;
      // Servers end with this process, see `watched`.
      process.exit(exitCodes.interrupted);
    }
    process.stderr.write('\nending what is running and saving what is measured; once more to quit at once\n');
    controller.abort(new Error('interrupted'));
  };
  for (const name of endingSignals) process.on(name, onSignal);
  try {
    await use(signal);
  } catch (error) {
    // What could not be saved is told all the same.
    if (!signal.aborted || error instanceof HarnessError) throw error;
    process.exitCode = exitCodes.interrupted;
  } finally {
    if (!signal.aborted) for (const name of endingSignals) process.off(name, onSignal);
  }
}
