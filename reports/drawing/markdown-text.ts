/** Owns making a stranger's text safe in GitHub Markdown: it can neither format, link, mention nor leave its cell. */

import { terminalText } from './terminal-text.js';

/**
 * One line, shown literally. Everything that Markdown or HTML give a meaning becomes a numeric character reference;
 * `@`, `#` and the parts of an address get an invisible word joiner (U+2060), because GitHub links mentions, issues and
 * bare addresses after references have been resolved.
 */
export function markdownText(text: string, maxChars = 2_000): string {
  return terminalText(text, maxChars)
    .replace(/[\\`*_{}[\]()<>#|~!&"'$^=]/g, (mark) => `&#${mark.charCodeAt(0)};`)
    .replace(/^([-+]|\d+\.)(?= )/, (marker) => `&#${marker.charCodeAt(0)};${marker.slice(1)}`)
    .replace(/@|&#35;|GH-/gi, (mark) => `${mark}\u2060`)
    .replace(/(:)(?=\/\/)/g, '$1\u2060')
    .replace(/\bwww\./gi, (www) => `${www.slice(0, 3)}\u2060.`);
}
