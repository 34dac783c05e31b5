/** Shows text from a file or a user in a message: quoted, on one line, short, with nothing that a terminal obeys. */

const shownChars = 40;

/**
 * Shows what a terminal could act upon or hide as a visible escape: Unicode's "other" categories (control characters
 * with ANSI escapes and new lines, format characters with bidi overrides and zero-width ones, lone surrogates, private
 * use, unassigned) and the two separators.
 */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, visibly);
}

function visibly(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code < 0x100) return `\\x${digits.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
}

/** `text` cut to 40 characters, in double quotes. */
export function quote(text: string): string {
  const short = text.length > shownChars ? `${text.slice(0, shownChars)}…` : text;
  return `"${printable(short)}"`;
}

/** Any value that YAML can hold, named in a few words. */
export function show(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a map';
  return String(value);
}
