/**
 * Plan of a fork: when the load is on which side. All of it is known before the clock starts, as plain JSON on
 * the host's monotonic clock, so that several workers switch at the same instants and nothing is said meanwhile.
 *
 * Each window is 120 ms of one side, the next follows at once:
 *
 *     |  quiet 10 ms  |  settling 30 ms  |  measured 80 ms  |
 *
 * In the quiet nobody sends, so that the other side's messages in flight come home without having to share the core
 * with this side's. 80 ms are a whole number of the scheduler's ticks at any usual frequency (100, 250, 1000 Hz), at
 * which the kernel updates the CPU time of a thread that never sleeps.
 */

import { type Side, sides } from '../../core/plan.js';
import { deriveSeed, seededRandom } from '../../core/random.js';
import type { Workload } from '../../core/scenario.js';
import type { Window } from '../../core/schedule.js';
import type { TrialPlan } from '../run/trial-run.js';

const quietMs = 10;
const settlingMs = 30;
const measuredMs = 80;
const windowMs = quietMs + settlingMs + measuredMs;
/** Measured windows of each side. */
export const usualWindows = 10;
/**
 * Both sides together warm up for about a second at most: what is hot is compiled within some 0.3 s of load, and what
 * still warms later does so on both sides alike, window by window.
 */
const mostWarmupWindows = 4;

/** Which side of a fork has the first window: random, but the same for every attempt and every run with this seed. */
export function firstSide(seed: number, fork: number): Side {
  return seededRandom(deriveSeed(seed, fork, 1)).next() < 0.5 ? 'base' : 'head';
}

/**
 * AB BA AB BA …, or ABC CBA …: a machine that gets slower treats all sides alike. Windows of warming up measure nothing.
 * @param count measured windows of each side. @param among sides that take turns.
 */
export function planFork(
  startUs: number,
  { warmupMs, drainMs }: Workload['phases'],
  count = usualWindows,
  among: number = sides.length,
): TrialPlan {
  const fromUs = Math.ceil(startUs);
  const warmingUp = Math.min(Math.ceil(warmupMs / windowMs), mostWarmupWindows);
  const windows = Array.from({ length: among }, (_, side) =>
    Array.from({ length: warmingUp + count }, (_, round) => {
      const place = round % 2 === 0 ? side : among - 1 - side;
      return windowAt(fromUs + (round * among + place) * windowMs * 1000, round >= warmingUp);
    }),
  );
  const measureFromUs = fromUs + among * warmingUp * windowMs * 1000;
  const measureToUs = measureFromUs + among * count * windowMs * 1000;
  return {
    windows,
    span: { startUs: fromUs, measureFromUs, measureToUs, drainToUs: measureToUs + drainMs * 1000 },
    measuredShare: measuredMs / (settlingMs + measuredMs),
  };
}

function windowAt(fromUs: number, measured: boolean): Window {
  const measureToUs = fromUs + windowMs * 1000;
  return {
    startUs: fromUs + quietMs * 1000,
    measureFromUs: measured ? measureToUs - measuredMs * 1000 : measureToUs,
    measureToUs,
    // What is late by less may still leave in the quiet; a later message would share the core with the other side.
    drainToUs: measureToUs + quietMs * 1000,
  };
}

/** Measured windows of each side that make a load of at least `totalMs`, both sides together. */
export function windowsFor(totalMs: number): number {
  return Math.ceil(totalMs / (2 * (settlingMs + measuredMs)));
}
