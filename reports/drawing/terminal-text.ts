/** Owns making a stranger's text safe to print: what a terminal would obey or hide is shown as a visible escape. */

import { printable } from '../../core/printable.js';

/**
 * One line of printable text, at most `maxChars` long, cut with an ellipsis. Safe to apply twice.
 * Never throws, whatever the text.
 */
export function terminalText(text: string, maxChars = 2_000): string {
  // Escaping makes text longer, so what cannot be shown anyway is cut first.
  const visible = printable(text.slice(0, maxChars + 1));
  if (visible.length <= maxChars) return visible;
  // A cut must not leave the first half of a character of two code units.
  return `${visible.slice(0, Math.max(0, maxChars - 1)).replace(/\p{Cs}$/u, '')}…`;
}
