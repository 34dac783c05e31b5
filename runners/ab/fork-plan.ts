/**
 * Owns the plan of a fork: when the load is on which side. All of it is known before the clock starts, as plain JSON on
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

import type { Side } from '../../core/plan.js';
import { deriveSeed, seededRandom } from '../../core/random.js';
import type { Window } from '../load/window.js';
import { type Both, both } from './both.js';

const quietMs = 10;
const settlingMs = 30;
const measuredMs = 80;
const windowMs = quietMs + settlingMs + measuredMs;
/** Length of the measured part of a window. */
export const measuredSeconds = measuredMs / 1000;
/** Share of a side's time under load that is measured. */
export const measuredShare = measuredMs / (settlingMs + measuredMs);
/** Measured windows of each side. */
export const usualWindows = 10;
/**
 * Both sides together warm up for about a second at most: what is hot is compiled within some 0.3 s of load, and what
 * still warms later does so on both sides alike, window by window.
 */
const mostWarmupWindows = 4;

export interface ForkPlan {
  /** Those of warming up measure nothing: their measured part is empty. */
  readonly windows: Both<readonly Window[]>;
  /** Start of the first window, and the end of the last. */
  readonly startUs: number;
  readonly measureFromUs: number;
  readonly endUs: number;
}

/** Which side of a fork has the first window: random, but the same for every attempt and every run with this seed. */
export function firstSide(seed: number, fork: number): Side {
  return seededRandom(deriveSeed(seed, fork, 1)).next() < 0.5 ? 'base' : 'head';
}

/** @param warmupMs what the scenario asks for, for each side. @param count measured windows of each side. */
export function planFork(startUs: number, warmupMs: number, first: Side, count = usualWindows): ForkPlan {
  const fromUs = Math.ceil(startUs);
  const warmingUp = Math.min(Math.ceil(warmupMs / windowMs), mostWarmupWindows);
  const order = sideOrder(first, warmingUp + count);
  const windows = order.map((_, place) => windowAt(fromUs + place * windowMs * 1000, place >= 2 * warmingUp));
  return {
    windows: both((side) => windows.filter((_, place) => order[place] === side)),
    startUs: fromUs,
    measureFromUs: fromUs + 2 * warmingUp * windowMs * 1000,
    endUs: fromUs + order.length * windowMs * 1000,
  };
}

/** AB BA AB BA …: a machine that gets slower treats both sides alike. */
function sideOrder(first: Side, pairs: number): Side[] {
  const second = first === 'base' ? 'head' : 'base';
  return Array.from({ length: pairs }, (_, pair): Side[] =>
    pair % 2 === 0 ? [first, second] : [second, first],
  ).flat();
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

export function isMeasured({ measureFromUs, measureToUs }: Window): boolean {
  return measureFromUs < measureToUs;
}

/** Measured windows of each side that make a load of at least `totalMs`, both sides together. */
export function windowsFor(totalMs: number): number {
  return Math.ceil(totalMs / (2 * (settlingMs + measuredMs)));
}
