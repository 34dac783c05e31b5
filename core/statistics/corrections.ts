/** Corrections of p-values for several comparisons that are judged together. */

/**
 * Holm (1979), for gates. Adjusted so that the chance of any false alarm among all of them is at most alpha where those
 * <= alpha are taken, however they depend on each other.
 *
 * @param p 0..1, in any order
 * @returns as many, in the order of `p` (R's `p.adjust(p, "holm")`)
 * @throws RangeError where one is not a probability
 */
export function holm(p: readonly number[]): number[] {
  const adjusted = new Array<number>(p.length);
  let largest = 0;
  for (const [done, { index, value }] of ascending(p).entries()) {
    largest = Math.max(largest, (p.length - done) * value);
    adjusted[index] = Math.min(1, largest);
  }
  return adjusted;
}

/**
 * Benjamini & Hochberg (1995), for comparisons without a gate. Adjusted so that, where those <= alpha are taken, the
 * expected share of false alarms among them is at most alpha; proven for independent tests and those that depend
 * positively.
 *
 * @param p 0..1, in any order
 * @returns as many, in the order of `p` (R's `p.adjust(p, "BH")`)
 * @throws RangeError where one is not a probability
 */
export function benjaminiHochberg(p: readonly number[]): number[] {
  const adjusted = new Array<number>(p.length);
  let smallest = 1;
  for (const [done, { index, value }] of ascending(p).reverse().entries()) {
    smallest = Math.min(smallest, (p.length / (p.length - done)) * value);
    adjusted[index] = smallest;
  }
  return adjusted;
}

/** Each p-value with its index in `p`, the smallest first. */
function ascending(p: readonly number[]): { readonly index: number; readonly value: number }[] {
  const invalid = p.find((value) => !(value >= 0 && value <= 1));
  if (invalid !== undefined) throw new RangeError(`a p-value is from 0 to 1, and not ${invalid}`);
  return p.map((value, index) => ({ index, value })).sort((a, b) => a.value - b.value);
}
