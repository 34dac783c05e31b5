/** Which trials of a plan need not be run, by what earlier ones of the run came to, and which are run again. */

import { p95Us } from '../../core/measure/latency.js';
import { isPassing } from '../../core/measure/reason.js';
import type { Trial } from '../../core/plan.js';
import type { TrialLine } from '../../core/result.js';
import { workloadKey } from '../../core/workload/workload-fields.js';

/** After so many trials in which the generator was the limit, others of the same target and workload would say the same. */
const enoughAtLimit = 2;
/** Of the trials of a run: so many more may be measured because few messages left late. */
const lateShare = 0.1;

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

export class Attempts {
  #lateLeft: number;

  /** @param most of a trial, until it is valid. @param trials of the run. */
  constructor(
    readonly most: number,
    trials: number,
  ) {
    this.#lateLeft = Math.ceil(lateShare * trials);
  }

  /**
   * Makes a trial invalid of which few messages left late, so that it is measured again. A pause of the kernel or the
   * hypervisor is enough for that, and the times of all other messages are sound: in its last attempt, and where such pauses
   * are frequent, it stands with its warning.
   */
  judge(line: TrialLine): TrialLine {
    const late = line.doubts.filter(({ code }) => code === 'sends-late' || code === 'sends-held');
    // A busy generator is late again, and may be invalid next time.
    const isBusy = line.doubts.some(({ code }) => code === 'generator-busy');
    if (!line.valid || late.length === 0 || isBusy || line.attempt >= this.most || this.#lateLeft === 0) return line;
    this.#lateLeft--;
    return {
      ...line,
      valid: false,
      invalidBecause: late,
      doubts: line.doubts.filter((doubt) => !late.includes(doubt)),
    };
  }
}
