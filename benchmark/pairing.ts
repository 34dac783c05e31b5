/**
 * Pairing: measures ours, then the yardstick, until there are enough pairs that the machine did not disturb. Steal time
 * decides which pairs count, never what was measured.
 */

import type { TrialLine } from '../core/result.js';
import { readCpuTicks, stolenShare } from '../runners/machine/steal-time.js';
import type { PairedWorkload } from './paired-workload.js';

export const wantedPairs = 5;
const mostAttempts = 20;
/** A pair during which less than this share of the machine was stolen is undisturbed. */
const disturbedShare = 0.01;

export interface Pair {
  readonly line: TrialLine;
  readonly ours: number;
  readonly yardstick: number;
  /** Of the machine's time while the pair was measured, 0..1. */
  readonly stolenShare: number;
}

export interface Pairing {
  /** The least disturbed, `wantedPairs` of them. */
  readonly pairs: readonly Pair[];
  readonly attempts: number;
}

async function onePair(work: PairedWorkload): Promise<Pair> {
  const from = readCpuTicks();
  const line = await work.ours();
  // Before the yardstick is measured: a figure may come from the server that has just ended.
  const ours = work.figure(line);
  const yardstick = await work.yardstick();
  return { line, ours, yardstick, stolenShare: stolenShare(from, readCpuTicks()) };
}

/** @param said is told what is going on, for people who wait. */
export async function measurePairs(work: PairedWorkload, said: (text: string) => void): Promise<Pairing> {
  const all: Pair[] = [];
  let undisturbed = 0;
  while (undisturbed < wantedPairs && all.length < mostAttempts) {
    said(`${work.name}: ${undisturbed} of ${wantedPairs} undisturbed pairs, attempt ${all.length + 1}`);
    const pair = await onePair(work);
    all.push(pair);
    if (pair.stolenShare < disturbedShare) undisturbed++;
  }
  const pairs = all.toSorted((a, b) => a.stolenShare - b.stolenShare).slice(0, wantedPairs);
  return { pairs, attempts: all.length };
}
