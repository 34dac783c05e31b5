/** Pairs the trials of two sides: the same target under the same work, or under work that is as good as it. */

import type { Workload } from '../../core/scenario.js';
import { workloadKey } from '../../core/workload/workload-fields.js';
import { groupBy } from '../group-by.js';
import type { ReadTrial } from '../results/read-trial.js';
import { differences, workloadFacts, workloadWords } from './warnings.js';

/** All trials of one target and workload on both sides, invalid ones too. */
export interface Pair {
  readonly target: string;
  /** That of head. */
  readonly workload: Workload;
  readonly base: readonly ReadTrial[];
  readonly head: readonly ReadTrial[];
}

export interface Pairing {
  readonly pairs: readonly Pair[];
  /** What differs within pairs, a sentence each. */
  readonly otherWork: readonly string[];
  /** What has no partner, a sentence each. */
  readonly unpaired: readonly string[];
}

export function pairTrials(base: readonly ReadTrial[], head: readonly ReadTrial[]): Pairing {
  const [left, right] = [groupBy(base, targetOf), groupBy(head, targetOf)];
  const pairs: Pair[] = [];
  const [otherWork, unpaired] = [new Set<string>(), new Set<string>()];
  for (const target of new Set([...left.keys(), ...right.keys()])) {
    const [from, to] = [left.get(target), right.get(target)];
    if (from === undefined || to === undefined) {
      unpaired.add(`Only ${from === undefined ? 'head' : 'base'} has results of ${target}.`);
      continue;
    }
    for (const [base, head] of pairWork(worksOf(from), worksOf(to))) {
      if (base && head) {
        pairs.push({ target, workload: head.workload, base: base.trials, head: head.trials });
        for (const difference of differences(workloadFacts(base.workload), workloadFacts(head.workload)))
          otherWork.add(difference);
      } else if (base) unpaired.add(`Only base has results of ${target} with ${workloadWords(base.workload)}.`);
      else if (head) unpaired.add(`Only head has results of ${target} with ${workloadWords(head.workload)}.`);
    }
  }
  return { pairs, otherWork: [...otherWork], unpaired: [...unpaired] };
}

function targetOf({ target }: ReadTrial): string {
  return target;
}

/** The trials of one workload. */
interface Work {
  readonly key: string;
  readonly workload: Workload;
  readonly trials: readonly ReadTrial[];
}

function worksOf(trials: readonly ReadTrial[]): Work[] {
  const works = groupBy(trials, ({ workload }) => workloadKey(workload));
  return [...works].map(([key, own]) => ({ key, workload: own[0].workload, trials: own }));
}

/** One of them may have no partner. */
type Partners = readonly [base: Work | undefined, head: Work | undefined];

/**
 * Equal workloads first. What is left is paired in order where both sides have as many left over of a kind and loop:
 * a changed setting is better shown with a warning than not at all. Tails of an open and a closed loop are never compared.
 */
function pairWork(base: readonly Work[], head: readonly Work[]): Partners[] {
  const known = new Map(base.map((work) => [work.key, work]));
  const equal = head.filter(({ key }) => known.has(key));
  const paired = new Set(equal.map(({ key }) => key));
  const restOf = (works: readonly Work[]) =>
    groupBy(
      works.filter(({ key }) => !paired.has(key)),
      ({ workload }) => `${workload.kind} ${workload.load.model}`,
    );
  const [left, right] = [restOf(base), restOf(head)];
  const rest = [...new Set([...left.keys(), ...right.keys()])].flatMap((nature): Partners[] => {
    const [from, to] = [left.get(nature) ?? [], right.get(nature) ?? []];
    if (from.length === to.length) return from.map((work, i) => [work, to[i]]);
    return [...from.map((work) => [work, undefined] as const), ...to.map((work) => [undefined, work] as const)];
  });
  return [...equal.map((work) => [known.get(work.key), work] as const), ...rest];
}
