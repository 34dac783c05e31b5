/** Draws running text on a terminal: escaped, broken between words, with a hanging indent. */

import wrapAnsi from 'wrap-ansi';
import { terminalText } from './escaping.js';

/** @returns lines of at most `width` columns, the first after `lead`, the others indented by as much. */
export function paragraph(text: string, width: number, lead = ''): string[] {
  const lines = wrapAnsi(terminalText(text), Math.max(10, width - lead.length), { hard: true }).split('\n');
  return lines.map((line, i) => (i === 0 ? lead : ' '.repeat(lead.length)) + line);
}
