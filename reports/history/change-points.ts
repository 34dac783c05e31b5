/**
 * Finds where a series of figures moves to another level. Advisory: it tells where to look, never who is to blame.
 *
 * A stretch is cut where its CUSUM, scaled by the place of the cut, is largest (Sen & Srivastava, Annals of Statistics 3,
 * 1975); whether that is more than chance makes of the same values in any order is decided by a permutation test (Antoch
 * & Hušková, Statistics & Probability Letters 53, 2001); each half is then searched in the same way: binary segmentation
 * (Vostrikova, Soviet Mathematics Doklady 24, 1981). The test assumes that without a change any order is as likely as
 * any other, so a machine that slowly drifts looks like changes too.
 */

import { type Random, seededRandom, shuffled } from '../../core/random.js';
import { figureOf } from '../fold/figure.js';

export interface ChangePoint {
  /** Place of the first value of the new level. */
  readonly at: number;
  /** Share of the random orders that have as large a step somewhere; of the stretch in which it was found. */
  readonly p: number;
  /** Median of the level after it minus that of the level before it, in the unit of the values. */
  readonly step: number;
}

/** A line of values without a change gets a mark in at most one of a hundred cases. */
const alpha = 0.01;
const permutations = 1999;
/** Of fewer values even a perfect step is too likely by chance: 2 / C(9, 4) > 1 %. */
export const leastValues = 10;
/** Fixed: the same results always get the same marks. */
const seed = 1975;

/** @param values in their order, finite; logarithms of figures, so that a step is a ratio. */
export function changePoints(values: readonly number[]): ChangePoint[] {
  const cuts = search(values, 0, seededRandom(seed));
  const edges = [0, ...cuts.map(({ at }) => at), values.length];
  return cuts.map(({ at, p }, i) => ({
    at,
    p,
    step: medianOf(values.slice(at, edges[i + 2])) - medianOf(values.slice(edges[i], at)),
  }));
}

function medianOf(values: readonly number[]): number {
  return figureOf(values)?.median ?? Number.NaN;
}

type Cut = Omit<ChangePoint, 'step'>;

function search(values: readonly number[], first: number, random: Random): Cut[] {
  if (values.length < leastValues) return [];
  const { at, height } = largestStep(values);
  if (height === 0) return [];
  let asLarge = 1;
  // Sums in another order differ in their last digits, which must not decide.
  const least = height * (1 - 1e-9);
  for (let i = 0; i < permutations; i++) if (largestStep(shuffled(values, random)).height >= least) asLarge++;
  const p = asLarge / (permutations + 1);
  if (p > alpha) return [];
  return [
    ...search(values.slice(0, at), first, random),
    { at: first + at, p },
    ...search(values.slice(at), first + at, random),
  ];
}

/** The cut whose two sides differ most in their means, weighed by how many values each has. */
function largestStep(values: readonly number[]): { readonly at: number; readonly height: number } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  let cusum = 0;
  let best = { at: 0, height: 0 };
  for (const [i, value] of values.entries()) {
    const at = i + 1;
    if (at === n) break;
    cusum += value - mean;
    const height = Math.abs(cusum) / Math.sqrt((at * (n - at)) / n);
    if (height > best.height) best = { at, height };
  }
  return best;
}
