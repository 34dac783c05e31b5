/** Pairs the trials of two sides: the same target under the same work, or under work that is as good as it. */

import type { TrialLine } from '../../core/result.js';
import type { Workload } from '../../core/scenario.js';
import { workloadKey } from '../../core/workload/workload-fields.js';
import { groupBy } from '../fold/group-by.js';
import { differences, workloadFacts, workloadWords } from './warnings.js';

/** All trials of one target and workload on both sides, invalid ones too. */
export interface Pair {
  readonly target: string;
  /** That of head. */
  readonly workload: Workload;
  readonly base: readonly TrialLine[];
  readonly head: readonly TrialLine[];
}

export interface Pairing {
  readonly pairs: readonly Pair[];
  /** What differs within pairs and what has no partner, in words. */
  readonly warnings: readonly string[];
}

export function pairTrials(base: readonly TrialLine[], head: readonly TrialLine[]): Pairing {
  const [left, right] = [groupBy(base, targetOf), groupBy(head, targetOf)];
  const pairs: Pair[] = [];
  const warnings = new Set<string>();
  for (const target of new Set([...left.keys(), ...right.keys()])) {
    const [from, to] = [left.get(target), right.get(target)];
    if (from === undefined || to === undefined) {
      warnings.add(`Only ${from === undefined ? 'head' : 'base'} has results of ${target}.`);
      continue;
    }
    for (const partners of pairWork(worksOf(from), worksOf(to))) {
      const { workload } = partners.head === undefined ? partners.base : partners.head;
      if (partners.base === undefined || partners.head === undefined) {
        const side = partners.base === undefined ? 'head' : 'base';
        warnings.add(`Only ${side} has results of ${target} with ${workloadWords(workload)}.`);
        continue;
      }
      pairs.push({ target, workload, base: partners.base.trials, head: partners.head.trials });
      for (const difference of differences(workloadFacts(partners.base.workload), workloadFacts(workload)))
        warnings.add(difference);
    }
  }
  return { pairs, warnings: [...warnings] };
}

function targetOf({ target }: TrialLine): string {
  return target;
}

/** The trials of one workload. */
interface Work {
  readonly key: string;
  readonly workload: Workload;
  readonly trials: readonly TrialLine[];
}

function worksOf(trials: readonly TrialLine[]): Work[] {
  const works = groupBy(trials, ({ workload }) => workloadKey(workload));
  return [...works].map(([key, own]) => ({ key, workload: own[0].workload, trials: own }));
}

type Partners =
  | { readonly base: Work; readonly head: Work }
  | { readonly base: Work; readonly head: undefined }
  | { readonly base: undefined; readonly head: Work };

/**
 * Equal workloads first. What is left is paired in order where both sides have as many left over of a kind and loop:
 * a changed setting is better shown with a warning than not at all. Tails of an open and a closed loop are never compared.
 */
function pairWork(base: readonly Work[], head: readonly Work[]): Partners[] {
  const known = new Map(base.map((work) => [work.key, work]));
  const equal = head.flatMap((work): Partners[] => {
    const same = known.get(work.key);
    return same === undefined ? [] : [{ base: same, head: work }];
  });
  const paired = new Set(equal.map(({ head: work }) => work?.key));
  const restOf = (works: readonly Work[]) =>
    groupBy(
      works.filter(({ key }) => !paired.has(key)),
      natureOf,
    );
  const [left, right] = [restOf(base), restOf(head)];
  const rest = [...new Set([...left.keys(), ...right.keys()])].flatMap((nature): Partners[] => {
    const [from, to] = [left.get(nature) ?? [], right.get(nature) ?? []];
    if (from.length !== to.length)
      return [
        ...from.map((work) => ({ base: work, head: undefined })),
        ...to.map((work) => ({ base: undefined, head: work })),
      ];
    return from.flatMap((work, i) => to.slice(i, i + 1).map((other) => ({ base: work, head: other })));
  });
  return [...equal, ...rest];
}

function natureOf({ workload }: Work): string {
  return `${workload.kind} ${workload.load.model}`;
}
