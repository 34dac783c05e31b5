/**
 * The order of trials. A block holds every target and workload once; its order is random from the stored seed and
 * balanced: over as many blocks as there are entries, each entry stands at each place once, so that a machine that
 * drifts treats all alike.
 */

import { deriveSeed, type Random, seededRandom, shuffled } from './random.js';
import type { Workload } from './scenario.js';

/** The two versions that one job compares. */
export const sides = ['base', 'head'] as const;
export type Side = (typeof sides)[number];

export interface Trial {
  /** Counts from 1 in order of execution. */
  readonly id: number;
  /** Counts from 1. */
  readonly block: number;
  readonly target: string;
  readonly workload: Workload;
  readonly seed: number;
}

/**
 * All trials in order of execution: `repetitions` blocks of every target x workload.
 * @param inOrder the workloads of a target stay together and in their order, so that a ladder is climbed from below; it
 * is then the targets that change places.
 */
export function plan(
  targets: readonly string[],
  workloads: readonly Workload[],
  repetitions: number,
  seed: number,
  inOrder = false,
): Trial[] {
  const perTarget = targets.map((target) => workloads.map((workload) => ({ target, workload })));
  const entries = inOrder ? perTarget : perTarget.flat().map((entry) => [entry]);
  const trials: Trial[] = [];
  let block = 0;
  for (const order of balancedOrders(entries, seededRandom(deriveSeed(seed, entries.length)))) {
    if (++block > repetitions) break;
    for (const { target, workload } of order.flat()) {
      const id = trials.length + 1;
      trials.push({ id, block, target, workload, seed: deriveSeed(seed, id) });
    }
  }
  return trials;
}

/** Orders without end: in as many of them as there are entries, each entry stands at each place once. */
export function* balancedOrders<T>(entries: readonly T[], random: Random): Generator<T[], never> {
  for (;;) {
    const order = shuffled(entries, random);
    const rotations = shuffled([...entries.keys()], random).toReversed();
    if (rotations.length === 0) yield order;
    for (const by of rotations) yield [...order.slice(by), ...order.slice(0, by)];
  }
}
