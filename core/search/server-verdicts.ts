/** What one server of a search has shown: of each load that it was tried at, the votes of its trials and what these decide. */

import type { TrialVerdict } from '../workload/search-settings.js';

/** What a trial came to. */
export interface Answer {
  readonly verdict: TrialVerdict;
  /** So far from what is asked for that one trial is enough. */
  readonly isClear: boolean;
  /** Of whatever is busiest, 0..1; undefined where it is not known. */
  readonly utilization?: number | undefined;
}

type Decided = 'holds' | 'fails' | 'generator' | 'unknown';

export const majority = 2;
const mostDisturbed = 12;

class Votes {
  readonly counts: Record<TrialVerdict, number> = { holds: 0, fails: 0, generator: 0, disturbed: 0 };
  utilization: number | undefined;
  trials = 0;
  #decided: Decided | undefined;

  add({ verdict, isClear, utilization }: Answer, mayDecideAlone: boolean): void {
    const { holds, fails, generator } = this.counts;
    const isFirst = holds + fails + generator === 0;
    this.trials++;
    if (verdict === 'holds') this.utilization = utilization;
    this.counts[verdict] += isClear && isFirst && mayDecideAlone ? majority : 1;
    if (verdict === 'disturbed') {
      if (this.counts.disturbed >= mostDisturbed) this.#decided ??= 'unknown';
    } else if (this.counts[verdict] >= majority) this.#decided ??= verdict;
  }

  get decided(): Decided | undefined {
    return this.#decided;
  }
}

export class ServerVerdicts {
  readonly #loads = new Map<number, Votes>();
  /** Loads by what was decided of them. */
  #by = { holds: [], fails: [], generator: [], unknown: [], pending: [] } as Record<Decided | 'pending', number[]>;

  /** @param mayDecideAlone whether a clear trial that is the first of its load is enough. */
  learn(load: number, answer: Answer, mayDecideAlone: boolean): void {
    const votes = this.#loads.get(load) ?? new Votes();
    this.#loads.set(load, votes);
    votes.add(answer, mayDecideAlone);
    this.#by = { holds: [], fails: [], generator: [], unknown: [], pending: [] };
    for (const [each, { decided = 'pending' }] of this.#loads) this.#by[decided].push(each);
  }

  /** Loads on which there is no majority yet. */
  get pending(): readonly number[] {
    return this.#by.pending;
  }

  /** Trials were disturbed again and again. */
  get isUnknown(): boolean {
    return this.#by.unknown.length > 0;
  }

  get held(): readonly number[] {
    return this.#by.holds;
  }

  get failed(): readonly number[] {
    return this.#by.fails;
  }

  /** The most load that it held below all that were too much. */
  get lower(): number | undefined {
    const tooMuch = this.upper ?? Number.POSITIVE_INFINITY;
    return most(this.held.filter((load) => load < tooMuch));
  }

  /** The least load that was too much. */
  get upper(): number | undefined {
    return least(this.#tooMuch);
  }

  /** The least load that was too much above all that it held. Another than `upper` where its speed has changed meanwhile. */
  get ceiling(): number | undefined {
    const held = most(this.held) ?? 0;
    return least(this.#tooMuch.filter((load) => load > held));
  }

  /** Before it was the server's. */
  get isAtGeneratorsLimit(): boolean {
    const { upper } = this;
    return upper !== undefined && this.#by.generator.includes(upper);
  }

  /** Of some load, some trials held it and others did not. */
  get isSplit(): boolean {
    return [...this.#loads.values()].some(({ counts }) => counts.holds > 0 && counts.fails + counts.generator > 0);
  }

  /** Something was decided. */
  get isTold(): boolean {
    return this.held.length + this.#tooMuch.length > 0;
  }

  /** What it says of any load; undefined where it does not know, or was of two minds. */
  saysOf(load: number): 'holds' | 'fails' | undefined {
    const holds = this.held.some((held) => held >= load);
    const fails = this.failed.some((failed) => failed <= load);
    if (holds === fails) return undefined;
    return holds ? 'holds' : 'fails';
  }

  trialsAt(load: number): number {
    return this.#loads.get(load)?.trials ?? 0;
  }

  /** Of the latest trial that held `load`. */
  utilizationAt(load: number): number | undefined {
    return this.#loads.get(load)?.utilization;
  }

  get #tooMuch(): number[] {
    return [...this.#by.fails, ...this.#by.generator];
  }
}

/** Undefined where there are none. */
export function least(loads: readonly number[]): number | undefined {
  return loads.length > 0 ? Math.min(...loads) : undefined;
}

export function most(loads: readonly number[]): number | undefined {
  return loads.length > 0 ? Math.max(...loads) : undefined;
}
