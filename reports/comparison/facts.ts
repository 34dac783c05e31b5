/** What must be the same on both sides for their figures to be about the code, and in words what is not. */

import type { TrialLine } from '../../core/result.js';
import type { Workload } from '../../core/scenario.js';
import { formatBytes } from '../../core/units.js';
import { fieldEntries } from '../../core/workload/workload-fields.js';
import type { Result } from '../results/result-reader.js';

/** What is recorded about one side: each fact with all values that its files or trials have, in words. */
export type Facts = ReadonlyMap<string, ReadonlySet<string>>;

/** Of one fact; a file may have a different one in every trial. */
const maxValues = 5;

/** Facts of one side that differ from those of the other, `Different Node: v20.1.0 → v22.2.0.` each. */
export function differences(base: Facts, head: Facts, about = ''): string[] {
  return [...new Set([...base.keys(), ...head.keys()])].flatMap((name) => {
    const [from, to] = [wordsOf(base, name), wordsOf(head, name)];
    const several = (base.get(name)?.size ?? 0) > 1;
    if (from === to && !several) return [];
    const change = from === to ? `${from} on both sides` : `${from} → ${to}`;
    return [`${about}${about === '' ? 'D' : 'd'}ifferent ${name}: ${change}.`];
  });
}

/** Sorted, so that the order of files makes no difference. */
function wordsOf(facts: Facts, name: string): string {
  const values = [...(facts.get(name) ?? ['not recorded'])].sort();
  const more = values.length - maxValues;
  return [...values.slice(0, maxValues), ...(more > 0 ? [`${more} more`] : [])].join(' or ');
}

function collect(facts: readonly (readonly [name: string, value: string])[]): Facts {
  const collected = new Map<string, Set<string>>();
  for (const [name, value] of facts) collected.set(name, (collected.get(name) ?? new Set()).add(value));
  return collected;
}

export function runFacts(results: readonly Result[]): Facts {
  return collect(
    results.flatMap(({ run: { environment, scenario, tool } }) => [
      ['CPU', environment.cpu],
      ['number of cores', String(environment.cores)],
      ['memory', formatBytes(environment.memoryBytes)],
      ['operating system', environment.os],
      ['Node', environment.node],
      ['version of bench', tool],
      ...Object.entries(environment.libraries).map(([name, version]) => [`version of ${name}`, version] as const),
      ['pinning', environment.pinning || 'none'],
      ['scenario', scenario.name],
      ['gates', scenario.gates?.join(', ') || 'none'],
    ]),
  );
}

/** @param known packages whose versions the runs record already. */
export function trialFacts(trials: readonly TrialLine[], known: ReadonlySet<string>): Facts {
  return collect(
    trials.flatMap(({ client, transport, library, settings }) => [
      ['client', client],
      ['transport', transport],
      ...(known.has(library.replace(/ [^ ]*$/, '')) ? [] : [['library', library] as const]),
      ...Object.entries(settings).map(([name, value]) => [`setting ${name} of the server`, String(value)] as const),
    ]),
  );
}

/** Stands where a workload does not ask for anything of the kind. */
const unasked = 'none asked for';

export function workloadFacts(workload: Workload): Facts {
  return collect(
    fieldEntries.flatMap(([name, field]) =>
      Object.entries(field.facts(workload[name])).map(([fact, value]) => [fact, value ?? unasked] as const),
    ),
  );
}

/** The facts of a workload in one line, without what it has in common with every other. */
export function workloadWords(workload: Workload): string {
  return [...workloadFacts(workload)]
    .filter(([, values]) => !values.has(unasked))
    .map(([name, values]) => `${name} ${[...values].join(' or ')}`)
    .join(', ');
}
