/**
 * Text from a file or a user in a message: shown quoted, on one line, short, with nothing that a terminal obeys; and what
 * a mistyped word was likely meant to be.
 */

const shownChars = 40;

/**
 * Shows what a terminal could act upon or hide as a visible escape: Unicode's "other" categories (control characters
 * with ANSI escapes and new lines, format characters with bidi overrides and zero-width ones, lone surrogates, private
 * use, unassigned) and the two separators; and the first character of `::error`, `##[error]` and `##vso[`, with which
 * CI systems are given commands by what a job prints.
 */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]|:(?=:[a-z])|#(?=#\w*\[)/giu, visibly);
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

/** Longer words are never typing mistakes of ours, and comparing them would cost time. */
const maxWordChars = 40;

/**
 * Edits (insert, delete, replace, swap of neighbours) from `a` to `b`: optimal string alignment.
 * Our own, because core imports no library but those for histograms, YAML and schemas.
 */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const edits = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const replaced = edits(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? edits(i - 2, j - 2) + 1 : replaced;
      row.push(Math.min(replaced, swapped, edits(i - 1, j) + 1, edits(i, j - 1) + 1));
    }
  }
  return edits(a.length, b.length);
}

/** The known word within a third of the word's length in edits, case ignored; undefined when none is that near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > maxWordChars) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const other of known) {
    const edits = distance(word.toLowerCase(), other.toLowerCase());
    if (edits < bestDistance && edits < other.length) [best, bestDistance] = [other, edits];
  }
  return best;
}

/** What to write instead of `word`: the nearest known word, or else all of them. */
export function suggestion(word: string, known: readonly string[]): string {
  const best = nearest(word, known);
  return best === undefined ? `one of ${known.join(', ')}` : `did you mean ${best}?`;
}
