/** Series of forks: which are tried again, when it is time to look, and when there is no point in going on. */

import type { Side } from '../../core/plan.js';
import type { TrialLine } from '../../core/result.js';
import { maxAttempts } from '../run/run.js';

/** What a comparison tells while it goes on. */
export interface AbObserver {
  /** The generator warms itself up with both versions; nothing is recorded. */
  warmingUp(): void;
  /** Both count from 1. */
  forkStarted(fork: number, attempt: number): void;
  /** @param lines of base and of head; both are valid or neither is. */
  forkEnded(fork: number, lines: readonly TrialLine[]): void;
}

export interface ForkEnd {
  /** Of base and of head; both are valid or neither is. */
  readonly lines: readonly TrialLine[];
  /** The side whose server did not even start. */
  readonly unstarted: Side | undefined;
}

/** Asked at each look but the last, with every line so far and the number of the look, from 0. */
type Enough = (trials: readonly TrialLine[], look: number) => boolean;

/** Makes one attempt at a fork; both count from 1. Rejects when it is interrupted. */
export type Attempt = (fork: number, attempt: number) => Promise<ForkEnd>;

/** After so many attempts there is no point in going on if more of them were invalid than forks are valid. */
const leastAttempts = 6;

export class ForkSeries {
  readonly #lines: TrialLine[] = [];
  #attempts = 0;
  #valid = 0;
  #hopeless = false;
  /** Forks that ended. */
  forks = 0;
  /** Forks whose last attempt was invalid. */
  invalid = 0;

  /** @param looks valid forks after which to look; the last is the end. */
  constructor(
    private readonly attempt: Attempt,
    private readonly looks: readonly number[],
    private readonly enough: Enough,
  ) {}

  /** Runs until a look says that it is enough, the last is reached, nothing comes of it or `signal` aborts. */
  async run(signal: AbortSignal, observer: AbObserver, write: (line: TrialLine) => void): Promise<void> {
    for (const [look, forks] of this.looks.entries()) {
      while (this.#valid < forks) {
        if (this.#hopeless || signal.aborted) return;
        await this.#attemptFork(signal, observer, write);
      }
      if (look < this.looks.length - 1 && this.enough(this.#lines, look)) return;
    }
  }

  /** One fork, tried again while it is invalid. */
  async #attemptFork(signal: AbortSignal, observer: AbObserver, write: (line: TrialLine) => void): Promise<void> {
    const fork = this.forks + 1;
    const unstarted: (Side | undefined)[] = [];
    for (let attempt = 1; attempt <= maxAttempts && !this.#hopeless; attempt++) {
      observer.forkStarted(fork, attempt);
      const end = await this.attempt(fork, attempt).catch((error: unknown) => {
        if (signal.aborted) return undefined;
        throw error;
      });
      if (end === undefined) return;
      for (const line of end.lines) write(line);
      this.#lines.push(...end.lines);
      observer.forkEnded(fork, end.lines);
      const valid = end.lines.every((line) => line.valid);
      if (valid) this.#valid++;
      this.#attempts++;
      unstarted.push(end.unstarted);
      this.#hopeless = this.#isHopeless(fork, unstarted);
      if (valid) {
        this.forks++;
        return;
      }
    }
    this.forks++;
    this.invalid++;
  }

  /** A machine that has no time for this, or a server that does not start, does not get better by asking again. */
  #isHopeless(fork: number, unstarted: readonly (Side | undefined)[]): boolean {
    const [first] = unstarted;
    const neverStarts = first !== undefined && unstarted.every((side) => side === first);
    if (fork === 1 && unstarted.length === maxAttempts && neverStarts) return true;
    return this.#attempts >= leastAttempts && this.#attempts - this.#valid > this.#valid;
  }
}
