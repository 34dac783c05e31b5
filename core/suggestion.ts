/**
 * Suggests the word nearest to a mistyped one ("did you mean"). Our own, because core imports no library but those for
 * histograms, YAML and schemas.
 */

/** Longer words are never typing mistakes of ours, and comparing them would cost time. */
const maxWordChars = 40;

/** Edits (insert, delete, replace, swap of neighbours) from `a` to `b`: optimal string alignment. */
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
