/** Makes text of files safe to print on a terminal, in HTML, in Markdown and as JSON: nobody obeys what it holds. */

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

/** One line, shown literally; control and bidirectional characters as visible escapes. */
export function htmlText(text: string, maxChars = 2_000): string {
  return terminalText(text, maxChars).replace(/[&<>"'`]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

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

/** Plain JSON that is safe to print: what a terminal or a CI system would obey, or hide, is an escape of JSON. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2).replace(/[^\n\P{C}]|[\p{Zl}\p{Zp}]|#(?=#\w*\[)/gu, escaped)}\n`;
}

/**
 * JSON for a script element of a page, which it cannot end (HTML, 4.12.1.3), with texts that are safe to show.
 * @param verbatim properties of `value` whose texts are kept as they are.
 */
export function pageJson(value: object, verbatim: readonly string[] = []): string {
  const parts = Object.entries(value).map(([key, part]) => {
    const json = JSON.stringify(part, verbatim.includes(key) ? undefined : shownText);
    return json === undefined ? [] : [`${JSON.stringify(key)}:${json}`];
  });
  return `{${parts.flat().join(',')}}`.replace(/<|[^\n\P{C}]|[\p{Zl}\p{Zp}]|#(?=#\w*\[)/gu, escaped);
}

function shownText(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? terminalText(value) : value;
}

/** An escape for each code unit, from which a reader gets the character back. */
function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');
}
