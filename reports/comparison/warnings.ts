/** What weakens a comparison: warnings about a side, its trials and its rows. */

import { metrics } from '../../core/measure/metrics.js';
import type { Side } from '../../core/plan.js';
import type { TrialLine } from '../../core/result.js';
import { formatCount } from '../../core/units.js';
import { invalidSentences } from '../findings/reasons.js';
import { present } from '../present.js';
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

export function invalidTrials(side: Side, trials: readonly TrialLine[]): string[] {
  const invalid = trials.flatMap(({ target, valid, invalidBecause }) =>
    valid ? [] : [{ target, reasons: invalidBecause }],
  );
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
      `${target}: ${formatCount(missing, noun)}${of} left out of ${metrics[metric].label}, having no such figure or one of nought.`,
    ];
  });
}

/** Targets with the same shortage share a sentence. */
export function shortages(rows: readonly ComparedRow[], design: 'forks' | 'trials'): string[] {
  const found = new Map<string, Set<string>>();
  for (const { target, needs, samples } of rows) {
    if (needs === undefined) continue;
    const shortage =
      design === 'forks'
        ? `needs at least ${formatCount(needs, 'fork')}, and there ${samples.head === 1 ? 'is' : 'are'} ${samples.head}`
        : `needs at least ${needs} of each side, and there ${samples.base === 1 ? 'is' : 'are'} ${samples.base} of base and ${samples.head} of head`;
    found.set(shortage, (found.get(shortage) ?? new Set()).add(target));
  }
  const noun = design === 'forks' ? 'forks' : 'trials';
  return [...found].map(
    ([shortage, targets]) => `Too few ${noun} of ${[...targets].join(', ')}: a verdict ${shortage}.`,
  );
}

/** Each sentence once, and not without end. */
export function gathered(warnings: readonly string[]): string[] {
  const distinct = [...new Set(warnings)];
  const more = distinct.length - maxWarnings;
  return more > 0 ? [...distinct.slice(0, maxWarnings), `There are ${more} more warnings.`] : distinct;
}
