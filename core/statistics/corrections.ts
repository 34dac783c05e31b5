/** Corrections of p-values for several comparisons that are judged together, and the samples that a verdict needs then. */

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

/**
 * The least n with 2^(1-n) <= alpha / gates: the signed-rank test where all differences have the same sign.
 *
 * @param gates how many are judged together, at least 1
 * @param alpha above 0
 * @throws RangeError otherwise
 */
export function leastForks(gates: number, alpha: number): number {
  return leastSize(gates, alpha, (signs) => signs * 2);
}

/**
 * The least n, of each side, with 2 / C(2n, n) <= alpha / gates: the Mann-Whitney test where all of one side lie above
 * all of the other.
 *
 * @param gates how many are judged together, at least 1
 * @param alpha above 0
 * @throws RangeError otherwise
 */
export function leastTrials(gates: number, alpha: number): number {
  return leastSize(gates, alpha, (orders, n) => (orders * 2 * (2 * n - 1)) / n);
}

/** @param outcomesOf from the outcomes of samples of size n - 1 to those of size n; size 1 has 2 */
function leastSize(gates: number, alpha: number, outcomesOf: (before: number, n: number) => number): number {
  if (!(gates >= 1)) throw new RangeError(`${gates} gates need no samples`);
  if (!(alpha > 0)) throw new RangeError(`no number of samples reaches an alpha of ${alpha}`);
  let n = 1;
  for (let outcomes = 2; gates * (2 / outcomes) > alpha; outcomes = outcomesOf(outcomes, n)) n++;
  return n;
}
