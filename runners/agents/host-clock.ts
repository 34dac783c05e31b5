/**
 * Compares the monotonic clock of this host with the clock of Redis, by which hosts compare theirs with each other. As in
 * NTP (RFC 5905, section 8): the server's time belongs to the middle of a round trip, give or take half of it.
 */

import type { Redis } from 'ioredis';
import type { Clock } from '../../core/schedule.js';

export interface ClockReading {
  /** Time of Redis - monotonic time of the host, us. */
  readonly offsetUs: number;
  /** The offset may be wrong by so much either way, us. */
  readonly boundUs: number;
  /** Wall clock of the host - time of Redis, ms; for people, who set clocks. */
  readonly wallAheadMs: number;
}

const roundTrips = 16;

/** By the shortest of several round trips. */
export async function readClock(redis: Redis, clock: Clock): Promise<ClockReading> {
  let best: ClockReading | undefined;
  for (let i = 0; i < roundTrips; i++) {
    const beforeUs = clock.nowUs();
    const [seconds, us] = await redis.time();
    const afterUs = clock.nowUs();
    const boundUs = (afterUs - beforeUs) / 2;
    const redisUs = Number(seconds) * 1e6 + Number(us);
    const wallAheadMs = Date.now() - boundUs / 1000 - redisUs / 1000;
    if (best === undefined || boundUs < best.boundUs)
      best = { offsetUs: redisUs - (beforeUs + afterUs) / 2, boundUs, wallAheadMs };
  }
  if (best === undefined) throw new Error('no round trip was made');
  return best;
}

/** By how many us the clock of one host is ahead of another's, and by how much that may be wrong. */
export function aheadUs(one: ClockReading, other: ClockReading): number {
  return other.offsetUs - one.offsetUs;
}
