/** Owns the correction of comparisons that nobody asked for in particular (Benjamini & Hochberg 1995). */

import { ascendingIndices } from './p-values.js';

/**
 * Adjusted so that, where those <= alpha are taken, the expected share of false alarms among them is at most alpha;
 * proven for independent tests and those that depend positively.
 *
 * @param p 0..1, in any order
 * @returns as many, in the order of `p` (R's `p.adjust(p, "BH")`)
 * @throws RangeError where one is not a probability
 */
export function benjaminiHochberg(p: readonly number[]): number[] {
  const adjusted = new Array<number>(p.length);
  let smallest = 1;
  for (const [done, index] of ascendingIndices(p).reverse().entries()) {
    smallest = Math.min(smallest, (p.length / (p.length - done)) * p[index]!);
    adjusted[index] = smallest;
  }
  return adjusted;
}
