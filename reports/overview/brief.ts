/** The warnings of a report before its details: a line for each cause, with what to do. */

import { answerTables } from '../capacity/capacity.js';
import { allWarnings, shareText, type Warning } from '../findings/warnings.js';
import type { WorkloadTable } from '../fold/row.js';
import { groupBy } from '../group-by.js';
import { capacityRemedy } from '../reasons/reasons.js';
import type { Report } from '../report.js';

export interface BriefWarning {
  readonly tone: Warning['tone'];
  /** What it is, of which targets, and what to do. */
  readonly text: string;
}

const mostWarnings = 5;

/** The gravest first. What the finding says already is left out, and what to do is said once. */
export function briefWarnings(report: Report): BriefWarning[] {
  const tables = answerTables(report);
  const used = tables.flatMap(({ rows }) => rows.map((row) => (row.state === 'measured' ? row.trialsUsed : 0)));
  const valid = used.reduce((sum, count) => sum + count, 0);
  const all = tables.flatMap(untold);
  const groups = [
    ...groupBy(
      all.filter(({ tone }) => tone === 'bad'),
      ({ brief, remedies }) => JSON.stringify([brief, remedies]),
    ).values(),
    ...groupBy(
      all.filter(({ tone }) => tone === 'warn'),
      ({ remedies, isCapacity }) => (isCapacity ? 'capacity' : JSON.stringify(remedies)),
    ).values(),
  ];
  const said = new Set<string>();
  const told = groups.map((alike): BriefWarning => {
    const remedies = remedyOf(alike).filter((remedy) => !said.has(remedy));
    for (const remedy of remedies) said.add(remedy);
    return { tone: alike[0].tone, text: [`${textOf(alike, valid)}.`, ...remedies].join(' ') };
  });
  const more = told.length - mostWarnings;
  if (more < 2) return told;
  return [...told.slice(0, mostWarnings), { tone: 'warn', text: `${more} more warnings: see the details.` }];
}

/** That the generator was the limit of a target, and its trials are invalid, is a sentence of the finding. */
function untold(table: WorkloadTable): Warning[] {
  const limited = new Set(
    table.finding.headline.rows.flatMap(({ target, verdict }) => (verdict.code === 'generator limit' ? [target] : [])),
  );
  // Beside those of others, they would be told again.
  const rows = table.rows.map((row) => (limited.has(row.target) ? { ...row, invalid: [] } : row));
  return allWarnings({ ...table, rows }).filter(
    ({ targets, tone }) => tone !== 'bad' || targets.some((each) => !limited.has(each)),
  );
}

/** The first of them; where warnings of one cause have several, that of the cause. */
function remedyOf(alike: readonly Warning[]): string[] {
  const [first, ...others] = new Set(alike.flatMap(({ remedies }) => remedies.slice(0, 1)));
  if (first === undefined) return [];
  return [others.length > 0 ? capacityRemedy : first];
}

function textOf(alike: readonly [Warning, ...Warning[]], valid: number): string {
  const briefs = [...groupBy(alike, ({ brief }) => brief)]
    .map(([brief, own], i) => `${brief}${extent(own, valid, i === 0 ? 'trial' : undefined)}`)
    .join(', ');
  if (alike[0].tone === 'warn') return briefs;
  return `${[...new Set(alike.flatMap(({ targets }) => targets))].join(', ')}: ${briefs}`;
}

/** In how many of all valid trials, since no target is named; the noun stands once in a line. */
function extent(warnings: readonly Warning[], valid: number, noun: 'trial' | undefined): string {
  const trials = warnings.flatMap(({ trials }) => trials ?? []);
  return trials.length === 0 ? '' : ` (${shareText(trials, noun, valid)})`;
}
