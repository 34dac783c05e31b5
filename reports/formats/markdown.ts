/** Owns the report as GitHub Markdown, for a pull request or a job summary. */

import { machineText, provenanceText, titleOf, workloadText } from '../heading.js';
import { markdownText } from '../markdown-text.js';
import { remarksOn } from '../remarks.js';
import type { Report } from '../report.js';
import { connectTable } from '../tables/connect.js';
import { generatorTable } from '../tables/generator.js';
import { latencyTable } from '../tables/latency.js';
import { serverTable } from '../tables/server.js';
import type { Table } from '../tables/table.js';
import { throughputTable } from '../tables/throughput.js';
import type { WorkloadTable } from '../workload-table.js';

export function markdown(report: Report): string {
  const blocks = [
    `## ${markdownText(titleOf(report))}`,
    ...report.tables.flatMap((table) => workloadBlocks(table, report.trialsPlanned)),
    list(report.notes.map((note) => markdownText(note))),
    `<sub>${markdownText(machineText(report.environment))}<br>${markdownText(provenanceText(report))}</sub>`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function workloadBlocks(table: WorkloadTable, trialsPlanned: number): string[] {
  const tables = [throughputTable(table), serverTable(table), latencyTable(table), generatorTable(table)];
  const connect = connectTable(table);
  return [
    `**${markdownText(workloadText(table.workload, trialsPlanned))}**`,
    ...tables.map((each) => (each ? tableMarkdown(each) : '')),
    list(
      remarksOn(table).map(
        ({ target, tone, text }) => `${tone === 'bad' ? '❌' : '⚠️'} ${markdownText(target)}: ${markdownText(text)}`,
      ),
    ),
    connect ? `<details><summary>Connecting</summary>\n\n${tableMarkdown(connect)}\n\n</details>` : '',
  ];
}

function tableMarkdown({ title, names, figures, footnotes }: Table): string {
  const columns = [...names, ...figures];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = columns[0]!.cells.map((_, i) => line(columns.map(({ cells }) => markdownText(cells[i]!.text, 200))));
  return [
    `#### ${markdownText(title)}`,
    '',
    line(columns.map(({ head }) => markdownText(head.replaceAll('\n', ' '), 200))),
    line(columns.map(({ align }) => (align === 'right' ? '--:' : ':--'))),
    ...rows,
    ...(footnotes.length === 0 ? [] : ['', `<sub>${footnotes.map((note) => markdownText(note)).join('<br>')}</sub>`]),
  ].join('\n');
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}
