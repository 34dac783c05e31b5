/** Owns a comparison as text on a terminal of 80 to 200 columns. */

import { paragraph } from '../../drawing/paragraph.js';
import { type Canvas, canvasOf, type Screen } from '../../drawing/screen.js';
import { tableText } from '../../drawing/table-text.js';
import { machineText } from '../../wording/heading.js';
import type { Comparison } from '../comparison.js';
import { outcomeText, partsOf, sideText, titleOf } from '../heading.js';
import { rowsTable } from '../rows-table.js';

/** @returns lines joined and ended by new lines; nothing in them that a terminal would obey but our own colours. */
export function text(comparison: Comparison, screen: Screen): string {
  const canvas = canvasOf(screen);
  const parts = partsOf(comparison.rows).map(({ title, rows }) => [
    ...paragraph(title, canvas.width, '▌ '),
    '',
    ...tableText(rowsTable(rows, comparison), canvas),
  ]);
  return [heading(comparison, canvas), ...parts, warnings(comparison, canvas), [outcomeText(comparison)]]
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function heading(comparison: Comparison, canvas: Canvas): string[] {
  const { base, head } = comparison;
  return [
    ...paragraph(titleOf(comparison), canvas.width).map(canvas.bold),
    ...paragraph(sideText(base), canvas.width, 'base  ').map(canvas.quiet),
    ...paragraph(sideText(head), canvas.width, 'head  ').map(canvas.quiet),
    ...paragraph(machineText(head.environment), canvas.width).map(canvas.quiet),
  ];
}

function warnings({ warnings: found }: Comparison, canvas: Canvas): string[] {
  if (found.length === 0) return [];
  const lines = found.flatMap((warning) => paragraph(warning, canvas.width, '! '));
  return [canvas.bold('To be read with the figures'), ...lines.map((line) => canvas.tone('warn', line))];
}
