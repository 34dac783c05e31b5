/** Owns writing plain JSON that is safe to print: what a terminal would obey or hide is an escape of JSON. */

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2).replace(/[^\n\P{C}]|[\p{Zl}\p{Zp}]/gu, escaped)}\n`;
}

/** An escape for each code unit, from which a reader gets the character back. */
function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');
}
