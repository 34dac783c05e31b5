/** Owns making a stranger's text safe in HTML, between tags and within quoted attributes. */

import { terminalText } from './terminal-text.js';

/** One line, shown literally; control and bidirectional characters as visible escapes. */
export function htmlText(text: string, maxChars = 2_000): string {
  return terminalText(text, maxChars).replace(/[&<>"'`]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
