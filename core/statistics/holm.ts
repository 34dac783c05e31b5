/** Owns the correction of gates that are judged together (Holm 1979). */

import { ascendingIndices } from './p-values.js';

/**
 * Adjusted so that the chance of any false alarm among all of them is at most alpha where those <= alpha are taken,
 * however they depend on each other.
 *
 * @param p 0..1, in any order
 * @returns as many, in the order of `p` (R's `p.adjust(p, "holm")`)
 * @throws RangeError where one is not a probability
 */
export function holm(p: readonly number[]): number[] {
  const adjusted = new Array<number>(p.length);
  let largest = 0;
  for (const [done, index] of ascendingIndices(p).entries()) {
    largest = Math.max(largest, (p.length - done) * p[index]!);
    adjusted[index] = Math.min(1, largest);
  }
  return adjusted;
}
