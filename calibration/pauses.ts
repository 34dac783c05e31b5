/**
 * Measures how long a thread that never rests is kept from running. A hypervisor can take a core away without counting
 * it as steal time; what is due meanwhile is late, whatever measures it.
 */

import type { Clock } from '../core/schedule.js';

/** Shorter ones are the loop itself. */
const shortestUs = 5;

/** Gaps in us between the readings of the clock in a loop of `forMs`, those of more than 5 us. It keeps the thread busy. */
export function pausesUs(forMs: number, { nowUs }: Clock): number[] {
  const found: number[] = [];
  let lastUs = nowUs();
  for (const endUs = lastUs + forMs * 1000; lastUs < endUs; ) {
    const us = nowUs();
    if (us - lastUs > shortestUs) found.push(us - lastUs);
    lastUs = us;
  }
  return found;
}

/**
 * The quantile `q` of how long a moment at random waits for the end of the pause that it falls into; in us. A moment waits
 * for more than x in the part of a pause that is more than x before its end.
 */
export function waitUs(pauses: readonly number[], q: number, withinMs: number): number {
  const rank = (1 - q) * withinMs * 1000;
  let [low, high] = [0, Math.max(0, ...pauses)];
  while (high - low > 0.5) {
    const x = (low + high) / 2;
    const waiting = pauses.reduce((sum, pause) => sum + Math.max(0, pause - x), 0);
    if (waiting > rank) low = x;
    else high = x;
  }
  return high;
}
