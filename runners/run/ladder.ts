/** Owns how far a target climbs a ladder of workloads: no further than the one under which it becomes too slow. */

import { p95Us } from '../../core/measure/p95.js';
import type { Trial } from '../../core/plan.js';
import type { TrialLine } from '../../core/result.js';

export class Ladder {
  readonly #stopAboveP95Us: number | undefined;
  /** Targets that are too slow, with the block in which they were. */
  readonly #over = new Map<string, number>();

  /** @param stopAboveP95Us undefined: there is no ladder, and no target is ever over. */
  constructor(stopAboveP95Us: number | undefined) {
    this.#stopAboveP95Us = stopAboveP95Us;
  }

  /** Whether an earlier workload of the same block was too much for the trial's target. */
  isOver({ target, block }: Trial): boolean {
    return this.#over.get(target) === block;
  }

  /** Takes note of a trial that has ended. */
  climbed(line: TrialLine): void {
    if (this.#stopAboveP95Us !== undefined && p95Us(line) > this.#stopAboveP95Us)
      this.#over.set(line.target, line.block);
  }
}
