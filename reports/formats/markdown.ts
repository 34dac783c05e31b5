/** Owns the report as GitHub Markdown, for a pull request or a job summary. */

import { markdownText } from '../drawing/markdown-text.js';
import { listMarkdown, tableMarkdown } from '../drawing/table-markdown.js';
import { warningsOn } from '../findings/warnings.js';
import type { Report } from '../fold/report.js';
import type { WorkloadTable } from '../fold/workload-table.js';
import { generatorTable } from '../tables/generator.js';
import { latencyTable } from '../tables/latency.js';
import { serverTable } from '../tables/server.js';
import { connectAside, subjectTables } from '../tables/subject.js';
import { throughputTable } from '../tables/throughput.js';
import { machineText, provenanceText, titleOf, workloadText } from '../wording/heading.js';

export function markdown(report: Report): string {
  const blocks = [
    `## ${markdownText(titleOf(report))}`,
    ...report.tables.flatMap((table) => workloadBlocks(table, report.trialsPlanned)),
    listMarkdown(report.notes.map((note) => markdownText(note))),
    `<sub>${markdownText(machineText(report.environment))}<br>${markdownText(provenanceText(report))}</sub>`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function workloadBlocks(table: WorkloadTable, trialsPlanned: number): string[] {
  const tables = [
    throughputTable(table),
    ...subjectTables(table),
    serverTable(table),
    latencyTable(table),
    generatorTable(table),
  ];
  const connect = connectAside(table);
  return [
    `**${markdownText(workloadText(table.workload, trialsPlanned))}**`,
    ...tables.map((each) => (each ? tableMarkdown(each) : '')),
    listMarkdown(
      warningsOn(table).map(
        ({ target, tone, text }) => `${tone === 'bad' ? '❌' : '⚠️'} ${markdownText(target)}: ${markdownText(text)}`,
      ),
    ),
    connect ? `<details><summary>Connecting</summary>\n\n${tableMarkdown(connect)}\n\n</details>` : '',
  ];
}
