/** Draws a table or a list as GitHub Markdown. */

import { markdownText } from './escaping.js';
import { rowsOf, type Table } from './table.js';

export function tableMarkdown({ title, names, figures, footnotes }: Table): string {
  const columns = [...names, ...figures];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = rowsOf(columns).map((cells) => line(cells.map(({ text }) => markdownText(text, 200))));
  return [
    `#### ${markdownText(title)}`,
    '',
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
