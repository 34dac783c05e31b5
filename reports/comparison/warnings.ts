/** What weakens a comparison: facts that differ between the sides, and warnings about a side, its trials and its rows. */

import { metrics } from '../../core/measure/metrics.js';
import type { Side } from '../../core/plan.js';
import type { Workload } from '../../core/scenario.js';
import { formatBytes, formatCount } from '../../core/units.js';
import { fieldEntries } from '../../core/workload/workload-fields.js';
import { valuesByKey } from '../group-by.js';
import { present } from '../present.js';
import { type Invalid, invalidSentences } from '../reasons/reasons.js';
import type { ReadTrial } from '../results/read-trial.js';
import type { Result } from '../results/result-reader.js';
import type { ComparedRow } from './comparison.js';

/** Of each row and side only the latest: all statistics are exact, and more would take longer than they tell. */
export const maxSamples = 200;
const maxFileWarnings = 5;
const maxWarnings = 100;

/** Partial runs, uncommitted changes and several commits of one side. */
export function sideWarnings(side: Side, results: readonly Result[]): string[] {
  const partial = results.filter(({ partial, end }) => partial || end?.interrupted).length;
  const commits = [...new Set(results.flatMap(({ run }) => run.git?.commit.slice(0, 12) ?? []))];
  const dirty = [...new Set(results.flatMap(({ run: { git } }) => (git?.dirty ? [git.commit.slice(0, 12)] : [])))];
  return present(
    partial > 0 &&
      `${side}: ${partial} of ${formatCount(results.length, 'run')} did not finish or could not be read whole; what there is of it is shown.`,
    commits.length > 1 && `${side} holds results of several commits: ${commits.join(', ')}.`,
    ...dirty.map((commit) => dirtiness(side, commit)),
  );
}

export function dirtiness(side: Side, commit: string): string {
  return `${side}: the working tree had changes that are not in commit ${commit.slice(0, 12)}; the commit alone does not reproduce these figures.`;
}

/** Lines of files that were dropped, the first few of them. */
export function droppedLines(results: readonly Result[]): string[] {
  const warnings = results.flatMap((result) => result.warnings);
  const more = warnings.length - maxFileWarnings;
  return present(
    ...warnings.slice(0, maxFileWarnings),
    more > 0 && `${formatCount(more, 'more line')} of result files were dropped.`,
  );
}

/** @param trials of one result. */
export function invalidOf(trials: readonly ReadTrial[]): Invalid[] {
  const valid = new Map(trials.filter((trial) => trial.valid).map((trial) => [trial.id, trial]));
  const invalid = trials.filter((trial) => !trial.valid);
  return invalid.map(({ id, target, invalidBecause: reasons, counts: { errors } }) => {
    return { target, reasons, errors, replacedBy: valid.get(id) };
  });
}

export function invalidTrials(side: Side, results: readonly Result[]): string[] {
  const invalid = results.flatMap(({ trials }) => invalidOf(trials));
  return invalidSentences('invalid trial', invalid).map((sentence) => `${side}: ${sentence}`);
}

/** @param used valid trials or forks of each side of a target; those without a figure are missing from a row. */
export function missingFigures(
  { target, metric, samples }: Pick<ComparedRow, 'target' | 'metric' | 'samples'>,
  used: Readonly<Record<Side, number>>,
  noun: 'trial' | 'fork',
): string[] {
  return (['base', 'head'] as const).flatMap((side) => {
    const missing = Math.min(used[side], maxSamples) - samples[side];
    if (missing === 0) return [];
    const of = noun === 'fork' ? '' : ` of ${side}`;
    return [
      `${target}: ${formatCount(missing, noun)}${of} left out of ${metrics[metric].label}, because the figure is missing or 0.`,
    ];
  });
}

/** Targets with the same shortage share a sentence. */
export function shortages(rows: readonly ComparedRow[], design: 'forks' | 'trials'): string[] {
  const found = rows.flatMap(({ target, needs, samples }) => {
    if (needs === undefined) return [];
    const shortage =
      design === 'forks'
        ? `needs at least ${formatCount(needs, 'fork')}, and there ${samples.head === 1 ? 'is' : 'are'} ${samples.head}`
        : `needs at least ${needs} of each side, and there ${samples.base === 1 ? 'is' : 'are'} ${samples.base} of base and ${samples.head} of head`;
    return [[shortage, target] as const];
  });
  return [...valuesByKey(found)].map(
    ([shortage, targets]) => `Too few ${design} of ${[...targets].join(', ')}: a verdict ${shortage}.`,
  );
}

/** Each sentence once, and not without end. */
export function gathered(warnings: readonly string[]): string[] {
  const distinct = [...new Set(warnings)];
  const more = distinct.length - maxWarnings;
  return more > 0 ? [...distinct.slice(0, maxWarnings), `There are ${more} more warnings.`] : distinct;
}

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

export function runFacts(results: readonly Result[]): Facts {
  return valuesByKey<string>(
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
export function trialFacts(trials: readonly ReadTrial[], known: ReadonlySet<string>): Facts {
  return valuesByKey<string>(
    trials.flatMap(({ client, transport, library, settings, server }) => [
      ['client', client],
      ['number of cores of the server', String(server?.cores ?? 1)],
      ['transport', transport],
      ...(known.has(library.replace(/ [^ ]*$/, '')) ? [] : [['library', library] as const]),
      ...Object.entries(settings).map(([name, value]) => [`setting ${name} of the server`, String(value)] as const),
    ]),
  );
}

/** Stands where a workload does not ask for anything of the kind. */
const unasked = 'none asked for';

export function workloadFacts(workload: Workload): Facts {
  return valuesByKey<string>(
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
