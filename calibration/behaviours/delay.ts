/** Owns the distributions of known delays, in us, each a function of a seeded random source. */

import type { Random } from '../../core/random.js';

export type Delay = (random: Random) => number;

export const constantDelay =
  (us: number): Delay =>
  () =>
    us;

export const uniformDelay =
  (fromUs: number, toUs: number): Delay =>
  (random) =>
    fromUs + (toUs - fromUs) * random.next();

/** `slowShare` of all messages take `slowUs`, the others `fastUs`. */
export const bimodalDelay =
  (fastUs: number, slowUs: number, slowShare: number): Delay =>
  (random) =>
    random.next() < slowShare ? slowUs : fastUs;

/** Pareto: P(delay > x) = (leastUs / x) ^ shape, cut off at `mostUs`. */
export const paretoDelay =
  (leastUs: number, shape: number, mostUs: number): Delay =>
  (random) =>
    Math.min(mostUs, leastUs / (1 - random.next()) ** (1 / shape));
