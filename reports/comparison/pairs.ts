/** Owns pairing the trials of two sides: the same target under the same work, or under work that is as good as it. */

import type { TrialLine } from '../../core/result.js';
import type { Workload } from '../../core/scenario.js';
import { workloadKey } from '../../core/workload/workload-fields.js';
import { differences, workloadFacts, workloadWords } from './facts.js';

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

type ByWorkload = Map<string, TrialLine[]>;

export function pairTrials(base: readonly TrialLine[], head: readonly TrialLine[]): Pairing {
  const [left, right] = [byTarget(base), byTarget(head)];
  const pairs: Pair[] = [];
  const warnings = new Set<string>();
  for (const target of new Set([...left.keys(), ...right.keys()])) {
    const [from, to] = [left.get(target), right.get(target)];
    if (from === undefined || to === undefined) {
      warnings.add(`Only ${from === undefined ? 'head' : 'base'} has results of ${target}.`);
      continue;
    }
    for (const [baseTrials, headTrials] of pairWork(from, to)) {
      const workload = (headTrials ?? baseTrials)[0]!.workload;
      if (baseTrials === undefined || headTrials === undefined) {
        const side = baseTrials === undefined ? 'head' : 'base';
        warnings.add(`Only ${side} has results of ${target} with ${workloadWords(workload)}.`);
        continue;
      }
      pairs.push({ target, workload, base: baseTrials, head: headTrials });
      for (const difference of differences(workloadFacts(baseTrials[0]!.workload), workloadFacts(workload)))
        warnings.add(difference);
    }
  }
  return { pairs, warnings: [...warnings] };
}

function byTarget(trials: readonly TrialLine[]): Map<string, ByWorkload> {
  const targets = new Map<string, ByWorkload>();
  for (const trial of trials) {
    const own = targets.get(trial.target) ?? new Map<string, TrialLine[]>();
    targets.set(trial.target, own);
    const key = workloadKey(trial.workload);
    const same = own.get(key);
    if (same === undefined) own.set(key, [trial]);
    else same.push(trial);
  }
  return targets;
}

type Partners = [TrialLine[], TrialLine[]] | [TrialLine[], undefined] | [undefined, TrialLine[]];

/**
 * Equal workloads first. What is left is paired in order where both sides have as many left over of a kind and loop:
 * a changed setting is better shown with a warning than not at all. Tails of an open and a closed loop are never compared.
 */
function pairWork(base: ByWorkload, head: ByWorkload): Partners[] {
  const equal = [...head].flatMap(([key, trials]): Partners[] => (base.has(key) ? [[base.get(key)!, trials]] : []));
  const left = [...base].filter(([key]) => !head.has(key)).map(([, trials]) => trials);
  const right = [...head].filter(([key]) => !base.has(key)).map(([, trials]) => trials);
  const like = (trials: readonly TrialLine[]) => `${trials[0]!.workload.kind} ${trials[0]!.workload.load.model}`;
  const rest = [...new Set([...left, ...right].map(like))].flatMap((nature): Partners[] => {
    const [from, to] = [left, right].map((side) => side.filter((trials) => like(trials) === nature));
    if (from!.length === to!.length) return from!.map((trials, i) => [trials, to![i]!]);
    return [
      ...from!.map((trials): Partners => [trials, undefined]),
      ...to!.map((trials): Partners => [undefined, trials]),
    ];
  });
  return [...equal, ...rest];
}
