/** Owns a comparison as GitHub Markdown, for a comment on a pull request. */

import { markdownText } from '../../drawing/markdown-text.js';
import { listMarkdown, tableMarkdown } from '../../drawing/table-markdown.js';
import { machineText } from '../../wording/heading.js';
import type { Comparison } from '../comparison.js';
import { outcomeText, partsOf, sideText, titleOf } from '../heading.js';
import { rowsTable } from '../rows-table.js';

export function markdown(comparison: Comparison): string {
  const { base, head, warnings } = comparison;
  const provenance = [`base: ${sideText(base)}`, `head: ${sideText(head)}`, machineText(head.environment)];
  const blocks = [
    `## ${markdownText(titleOf(comparison))}`,
    `**${markdownText(outcomeText(comparison))}**`,
    ...partsOf(comparison.rows).flatMap(({ title, rows }) => [
      `**${markdownText(title)}**`,
      tableMarkdown(rowsTable(rows, comparison)),
    ]),
    listMarkdown(warnings.map((warning) => `⚠️ ${markdownText(warning)}`)),
    `<sub>${provenance.map((line) => markdownText(line)).join('<br>')}</sub>`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}
