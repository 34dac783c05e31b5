/** GitHub Markdown of reports, comparisons and gates, for a pull request or a job summary. */

import { tableSpecs } from '../adapters.js';
import { answerTables } from '../capacity/capacity.js';
import { courseTable } from '../capacity/capacity-tables.js';
import { answerOf } from '../comparison/answer.js';
import type { Comparison } from '../comparison/comparison.js';
import { countsTable, explanationLines, explanationTitle, functionsTable } from '../comparison/explanation-text.js';
import { outcomeText, partsOf, rowsTable, sideText, titleOf as versionsOf } from '../comparison/presentation.js';
import { markdownText } from '../drawing/escaping.js';
import { rowsOf, type Table } from '../drawing/table.js';
import { warningsOn } from '../findings/warnings.js';
import type { WorkloadTable } from '../fold/row.js';
import type { Format } from '../format-registry.js';
import { countOutcomes, type GateResult, type Outcome } from '../gates/outcome.js';
import { machineText, provenanceText, sourceText, titleOf, workloadText } from '../heading.js';
import { briefWarnings } from '../overview/brief.js';
import { findingSentences, findingTables } from '../overview/report-finding.js';
import type { Report } from '../report.js';
import { tablesOf } from '../table-spec.js';

export default { place: 20, endings: ['md', 'markdown'], report, comparison, gates } satisfies Format;

function documentOf(blocks: readonly string[]): string {
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function report(each: Report): string {
  const warnings = briefWarnings(each).map(({ tone, text }) => `${tone === 'bad' ? '❌' : '⚠️'} ${markdownText(text)}`);
  return documentOf([
    `## ${markdownText(titleOf(each))}`,
    ...findingSentences(each).map((sentence) => markdownText(sentence)),
    ...findingTables(each).map(tableMarkdown),
    listMarkdown([...warnings, ...each.urgent.map((note) => markdownText(note))]),
    `<sub>${markdownText(sourceText(each))}</sub>`,
    folded('Details', [
      ...(each.capacity ? [tableMarkdown(courseTable(each.capacity))] : []),
      ...answerTables(each).flatMap((table) => workloadBlocks(table, each.trialsPlanned)),
      listMarkdown(each.notes.map((note) => markdownText(note))),
      `<sub>${markdownText(machineText(each.environment))}<br>${markdownText(provenanceText(each))}</sub>`,
    ]),
  ]);
}

/** @param blocks Markdown, which GitHub reads as such after an empty line. */
function folded(summary: string, blocks: readonly string[]): string {
  const filled = blocks.filter((block) => block !== '');
  return `<details><summary>${summary}</summary>\n\n${filled.join('\n\n')}\n\n</details>`;
}

function workloadBlocks(table: WorkloadTable, trialsPlanned: number): string[] {
  const tables = tablesOf(table, tableSpecs);
  return [
    `**${markdownText(workloadText(table.workload, trialsPlanned))}**`,
    ...tables.filter(({ isAside }) => !isAside).map(tableMarkdown),
    listMarkdown(
      warningsOn(table).map(({ targets, tone, text, remedies }) => {
        const names = targets.map((target) => markdownText(target)).join(', ');
        const said = [text, ...remedies.map((remedy) => `→ ${remedy}`)].map((each) => markdownText(each));
        return `${tone === 'bad' ? '❌' : '⚠️'} ${names}: ${said.join(' ')}`;
      }),
    ),
    ...tables.filter(({ isAside }) => isAside).map((each) => folded(each.title, [tableMarkdown(each)])),
  ];
}

function comparison(compared: Comparison): string {
  const { base, head, warnings, explanation } = compared;
  const provenance = [`base: ${sideText(base)}`, `head: ${sideText(head)}`, machineText(head.environment)];
  return documentOf([
    `**${markdownText(answerOf(compared))}**`,
    `${markdownText(versionsOf(compared))}: ${markdownText(outcomeText(compared))}`,
    listMarkdown(warnings.map((warning) => `⚠️ ${markdownText(warning)}`)),
    ...(explanation === undefined
      ? []
      : [
          `**${markdownText(explanationTitle(explanation))}**`,
          listMarkdown(explanationLines(explanation).map((line) => markdownText(line))),
          folded('CPU by function', [
            tableMarkdown(functionsTable(explanation)),
            tableMarkdown(countsTable(explanation)),
          ]),
        ]),
    folded('Figures and statistics', [
      ...partsOf(compared.rows).flatMap(({ title, rows }) => [
        `**${markdownText(title)}**`,
        tableMarkdown(rowsTable(rows, compared)),
      ]),
      `<sub>${provenance.map((line) => markdownText(line)).join('<br>')}</sub>`,
    ]),
  ]);
}

const marks: Readonly<Record<Outcome, string>> = {
  passed: '✅',
  failed: '❌',
  invalid: '❌',
  inconclusive: '❔',
  'needs more': '❔',
  advisory: 'ℹ️',
};

const maxReasonChars = 1_000;

function gates({ outcomes }: GateResult): string {
  const swept = outcomes.some(({ workload }) => workload !== undefined);
  const line = (cells: readonly (string | undefined)[]) =>
    `| ${cells.filter((one) => one !== undefined).join(' | ')} |`;
  const rows = outcomes.map(({ text, target, workload, outcome, reason }) =>
    line([
      `${marks[outcome]} ${outcome}`,
      markdownText(text, 200),
      markdownText(target, 200),
      swept ? markdownText(workload ?? '', 200) : undefined,
      markdownText(reason, maxReasonChars),
    ]),
  );
  return [
    `#### Gates: ${countOutcomes(outcomes)}`,
    '',
    line(['outcome', 'gate', 'target', swept ? 'workload' : undefined, 'measured']),
    line([':--', ':--', ':--', swept ? ':--' : undefined, ':--']),
    ...rows,
    '',
  ].join('\n');
}

export function tableMarkdown({ title, names, figures, footnotes }: Table): string {
  const columns = [...names, ...figures];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = rowsOf(columns).map((cells) => line(cells.map(({ text }) => markdownText(text, 200))));
  return [
    ...(title === '' ? [] : [`#### ${markdownText(title)}`, '']),
    line(columns.map(({ head }) => markdownText(head.replaceAll('/\n', '/').replaceAll('\n', ' '), 200))),
    line(columns.map(({ align }) => (align === 'right' ? '--:' : ':--'))),
    ...rows,
    ...(footnotes.length === 0 ? [] : ['', `<sub>${footnotes.map((note) => markdownText(note)).join('<br>')}</sub>`]),
  ].join('\n');
}

/** @param items Markdown already. */
export function listMarkdown(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}
