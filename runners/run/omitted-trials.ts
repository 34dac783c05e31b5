/** Which trials of a plan need not be run, by what earlier ones of the run came to. */

import { p95Us } from '../../core/measure/latency.js';
import { isPassing } from '../../core/measure/reason.js';
import type { Trial } from '../../core/plan.js';
import type { TrialLine } from '../../core/result.js';
import { workloadKey } from '../../core/workload/workload-fields.js';

/** After so many trials in which the generator was the limit, others of the same target and workload would say the same. */
const enoughAtLimit = 2;

type Ended = Pick<TrialLine, 'latencyUs' | 'measured' | 'invalidBecause'>;

export class OmittedTrials {
  /** Targets for which a workload of a ladder was too much, with the block in which it was. */
  readonly #over = new Map<string, number>();
  /** Trials of a target and workload in which the generator was the limit. */
  readonly #atLimit = new Map<string, number>();

  /** @param stopAboveP95Us of a ladder; undefined where there is none. */
  constructor(private readonly stopAboveP95Us: number | undefined) {}

  has(trial: Trial): boolean {
    return this.#over.get(trial.target) === trial.block || (this.#atLimit.get(subjectOf(trial)) ?? 0) >= enoughAtLimit;
  }

  /** To be called with the last attempt of each trial. */
  learn(trial: Trial, line: Ended): void {
    if (this.stopAboveP95Us !== undefined && p95Us(line) > this.stopAboveP95Us && !isPassing(line.invalidBecause))
      this.#over.set(trial.target, trial.block);
    const subject = subjectOf(trial);
    if (isGeneratorsLimit(line)) this.#atLimit.set(subject, (this.#atLimit.get(subject) ?? 0) + 1);
  }
}

const subjectOf = ({ target, workload }: Trial): string => `${target} ${workloadKey(workload)}`;

/** Whether the generator itself was the limit of a trial, as it will be of the next: another attempt is of no use. */
export function isGeneratorsLimit(line: Pick<Ended, 'invalidBecause'>): boolean {
  return line.invalidBecause.some(({ code }) => code === 'generator-limit') && !isPassing(line.invalidBecause);
}
