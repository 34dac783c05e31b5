/**
 * Owns "did you mean": the candidate nearest to a mistyped word. Twenty lines of our own, because core imports no
 * library but those for histograms, YAML and schemas.
 */

/** Longer words are never typing mistakes of ours, and comparing them would cost time. */
const maxWordChars = 40;

/** Edits (insert, delete, replace, swap of neighbours) from `a` to `b`: optimal string alignment. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(replaced, last[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/** The candidate within a third of the word's length in edits, case ignored; undefined when none is that near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > maxWordChars) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < bestDistance && edits < candidate.length) [best, bestDistance] = [candidate, edits];
  }
  return best;
}

/** What to write instead of `word`: the nearest candidate, or else all of them. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const best = nearest(word, candidates);
  return best === undefined ? `one of ${candidates.join(', ')}` : `did you mean ${best}?`;
}
