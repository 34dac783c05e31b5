/** Owns what p-values are and how they are put in order, for the corrections that step through them. */

/**
 * The index of each of `p`, that of the smallest first.
 *
 * @throws RangeError where one is not a probability
 */
export function ascendingIndices(p: readonly number[]): number[] {
  const stranger = p.find((value) => !(value >= 0 && value <= 1));
  if (stranger !== undefined) throw new RangeError(`a p-value is from 0 to 1, and not ${stranger}`);
  return p.map((_, index) => index).sort((a, b) => p[a]! - p[b]!);
}
