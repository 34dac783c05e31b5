/** What a comparison is about, in words: its two sides, its outcome at a glance and its parts. */

import { workloadKey } from '../../core/workload/workload-fields.js';
import { groupBy } from '../fold/group-by.js';
import { workText } from '../wording/heading.js';
import type { ComparedRow, ComparedSide, Comparison } from './comparison.js';

/** `main → HEAD`. */
export function titleOf({ base, head }: Comparison): string {
  return `${base.label} → ${head.label}`;
}

/** Which version it is and where its figures come from. */
export function sideText({ label, commit, dirty, files, startedAt, tool }: ComparedSide): string {
  const short = commit?.slice(0, 12);
  return [
    label,
    ...(short === undefined || short === label ? [] : [`commit ${short}`]),
    ...(dirty ? ['with changes'] : []),
    files === 1 ? startedAt : `${files} runs from ${startedAt}`,
    `bench ${tool}`,
  ].join(' · ');
}

/** One row and several of each verdict, in the order in which they are told. */
const outcomes: Readonly<Record<ComparedRow['verdict'], readonly [one: string, several: string]>> = {
  regression: ['regression', 'regressions'],
  improvement: ['improvement', 'improvements'],
  'small change': ['small change', 'small changes'],
  'no change': ['without change', 'without change'],
  inconclusive: ['inconclusive', 'inconclusive'],
  'needs more': ['without a verdict', 'without a verdict'],
  'no data': ['without data', 'without data'],
};

/** `1 regression, 2 without change, 1 inconclusive`; exploratory rows count by themselves where there are gates. */
export function outcomeText({ rows }: Comparison): string {
  const [gates, rest] = [rows.filter(({ gate }) => gate), rows.filter(({ gate }) => !gate)];
  if (gates.length === 0) return counts(rest);
  const gated = `${gates.length === 1 ? 'Gate' : 'Gates'}: ${counts(gates)}`;
  return rest.length === 0 ? gated : `${gated}. Exploratory: ${counts(rest)}`;
}

function counts(rows: readonly ComparedRow[]): string {
  return Object.entries(outcomes)
    .map(([verdict, words]) => ({ words, count: rows.filter((row) => row.verdict === verdict).length }))
    .filter(({ count }) => count > 0)
    .map(({ words, count }) => `${count} ${words[count === 1 ? 0 : 1]}`)
    .join(', ');
}

export interface Part {
  readonly title: string;
  readonly rows: readonly ComparedRow[];
}

/** The rows by workload, in order; the title says the work, and the target where there is only one. */
export function partsOf(rows: readonly ComparedRow[]): Part[] {
  const parts = groupBy(rows, ({ workload }) => workloadKey(workload));
  return [...parts.values()].map((own) => {
    const [{ workload }] = own;
    const targets = new Set(own.map(({ target }) => target));
    return { title: [...(targets.size === 1 ? targets : []), workText(workload)].join(' · '), rows: own };
  });
}
