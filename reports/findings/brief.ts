/** The warnings of a report before its details: a line each, with what to do; those with the same remedy share one. */

import { groupBy } from '../fold/group-by.js';
import type { WorkloadTable } from '../fold/row.js';
import { allWarnings, total, trialsText, type Warning } from './warnings.js';

export interface BriefWarning {
  readonly tone: Warning['tone'];
  /** What it is, of which targets, and what to do. */
  readonly text: string;
}

const mostWarnings = 5;

/** The gravest first. What the finding says already is left out. */
export function briefWarnings(tables: readonly WorkloadTable[]): BriefWarning[] {
  const all = tables.flatMap(untold);
  const told = [
    ...collapsed(
      all.filter(({ tone }) => tone === 'bad'),
      ({ brief, remedies }) => JSON.stringify([brief, remedies]),
    ),
    ...collapsed(
      all.filter(({ tone }) => tone === 'warn'),
      ({ remedies }) => JSON.stringify(remedies),
    ),
  ];
  const more = told.length - mostWarnings;
  if (more < 2) return told;
  return [...told.slice(0, mostWarnings), { tone: 'warn', text: `${more} more warnings: see the details.` }];
}

/** That the generator was the limit of a target, and its trials are invalid, is a sentence of the finding. */
function untold(table: WorkloadTable): Warning[] {
  const limited = new Set(
    table.finding.headline.rows.flatMap(({ target, verdict }) => (verdict.code === 'generator limit' ? [target] : [])),
  );
  return allWarnings(table).filter(({ targets, tone }) => tone !== 'bad' || targets.some((each) => !limited.has(each)));
}

function collapsed(warnings: readonly Warning[], keyOf: (warning: Warning) => string): BriefWarning[] {
  return [...groupBy(warnings, keyOf).values()].map((alike) => {
    const [{ tone, remedies }] = alike;
    const briefs = [...groupBy(alike, ({ brief }) => brief)].map(([brief, own]) => `${brief}${extent(own)}`).join(', ');
    const targets = [...new Set(alike.flatMap((warning) => warning.targets))].join(', ');
    const said = tone === 'bad' ? `${targets}: ${briefs}` : briefs;
    return { tone, text: [`${said}.`, ...remedies.slice(0, 1)].join(' ') };
  });
}

/** In how many trials, over all workloads. */
function extent(warnings: readonly Warning[]): string {
  const known = warnings.flatMap(({ trials }) => trials ?? []);
  if (known.length === 0) return '';
  return ` (${trialsText({ count: total(known, ({ count }) => count), of: total(known, ({ of }) => of) })})`;
}
