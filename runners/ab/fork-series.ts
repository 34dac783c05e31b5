/** Series of forks: which are tried again, when it is time to look, and when there is no point in going on. */

import type { Side } from '../../core/plan.js';
import type { TrialLine } from '../../core/result.js';
import { maxAttempts } from '../run/session.js';

/** What a comparison tells while it goes on. */
export interface AbObserver {
  /** The generator warms itself up with both versions; nothing is recorded. */
  warmingUp(): void;
  /** Both count from 1. */
  forkStarted(fork: number, attempt: number): void;
  /** @param lines of base and of head; both are valid or neither is. */
  forkEnded(fork: number, lines: readonly TrialLine[]): void;
  /** The verdict is known; this fork of so many runs under the profiler, from 1. */
  explaining(fork: number, of: number): void;
}

export interface ForkEnd {
  /** Of base and of head; both are valid or neither is. */
  readonly lines: readonly TrialLine[];
  /** The side whose server did not even start. */
  readonly unstarted: Side | undefined;
}

/**
 * Runs forks until a look says that it is enough, the last is reached, nothing comes of it or `signal` aborts.
 * @param attempt makes one attempt at a fork; both count from 1. Rejects when it is interrupted.
 * @param looks valid forks after which to look; the last is the end.
 * @param enough asked at each look but the last, with every line so far and the number of the look, from 0.
 * @returns forks that ended, and how many of them had an invalid last attempt.
 */
export async function runForks(
  attempt: (fork: number, attempt: number) => Promise<ForkEnd>,
  looks: readonly number[],
  enough: (trials: readonly TrialLine[], look: number) => boolean,
  signal: AbortSignal,
  observer: AbObserver,
  write: (line: TrialLine) => void,
  mostAttempts = maxAttempts,
): Promise<{ readonly forks: number; readonly invalid: number }> {
  // After so many there is no point in going on if more of them were invalid than forks are valid.
  const leastAttempts = 2 * mostAttempts;
  const lines: TrialLine[] = [];
  let attempts = 0;
  let forks = 0;
  let valid = 0;
  let isHopeless = false;

  /** One fork, tried again while it is invalid. @returns whether it ended; false when it was interrupted. */
  const runFork = async (fork: number): Promise<boolean> => {
    const unstarted: (Side | undefined)[] = [];
    for (let n = 1; n <= mostAttempts && !isHopeless; n++) {
      observer.forkStarted(fork, n);
      const end = await attempt(fork, n).catch((error: unknown) => {
        if (signal.aborted) return undefined;
        throw error;
      });
      if (end === undefined) return false;
      for (const line of end.lines) write(line);
      lines.push(...end.lines);
      observer.forkEnded(fork, end.lines);
      const isValid = end.lines.every((line) => line.valid);
      attempts++;
      if (isValid) valid++;
      unstarted.push(end.unstarted);
      // A machine that has no time for this, or a server that does not start, does not get better by asking again.
      const neverStarts = end.unstarted !== undefined && unstarted.every((side) => side === end.unstarted);
      isHopeless =
        (fork === 1 && n === mostAttempts && neverStarts) || (attempts >= leastAttempts && attempts - valid > valid);
      if (isValid) break;
    }
    return true;
  };

  for (const [look, wanted] of looks.entries()) {
    while (valid < wanted) {
      if (isHopeless || signal.aborted || !(await runFork(forks + 1))) return { forks, invalid: forks - valid };
      forks++;
    }
    if (look < looks.length - 1 && enough(lines, look)) break;
  }
  return { forks, invalid: forks - valid };
}
