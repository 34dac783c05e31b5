/**
 * Owns breaking the harness on purpose, so that a test can see `bench calibrate` turn red for the right reason. Decided
 * once, when a worker starts, from BENCH_SABOTAGE; without it every function here returns what it was given.
 */

import type { Inbox } from '../../core/client.js';
import type { Tally } from '../../core/measure/tally.js';
import type { Schedule } from '../../core/schedule.js';

const ways = {
  latency: 'adds 1 ms to every latency recorded',
  count: 'does not count every 1000th delivery',
  burst: 'sends in bursts, one every 10 ms, and calls them due then',
} as const;

const wanted = process.env['BENCH_SABOTAGE'];

/** What to say beside every figure; empty unless BENCH_SABOTAGE is set. */
export const injectedFaultWarnings: readonly string[] = describe();

function describe(): string[] {
  if (!wanted) return [];
  const names = Object.keys(ways).join(', ');
  return Object.hasOwn(ways, wanted)
    ? [`the harness is broken on purpose (BENCH_SABOTAGE=${wanted}): it ${ways[wanted as keyof typeof ways]}`]
    : [`BENCH_SABOTAGE is set to none of ${names} and does nothing`];
}

const addedUs = 1_000;
const countEvery = 1_000;
const burstEveryUs = 10_000;

export function faultyTally(tally: Tally): Tally {
  if (wanted === 'latency')
    for (const histogram of [tally.response, tally.service]) {
      const record = histogram.record.bind(histogram);
      histogram.record = (us) => record(us + addedUs);
    }
  return tally;
}

export function faultyInbox(inbox: Inbox): Inbox {
  if (wanted !== 'count') return inbox;
  let arrived = 0;
  return {
    message: (receiver, bytes, start, end, receivedUs) =>
      ++arrived % countEvery === 0 || inbox.message(receiver, bytes, start, end, receivedUs),
    endOfRead: (receiver) => inbox.endOfRead(receiver),
    error: (receiver, errorClass) => inbox.error(receiver, errorClass),
    closed: (receiver, code) => inbox.closed(receiver, code),
  };
}

export function faultySchedule(schedule: Schedule): Schedule {
  if (wanted !== 'burst') return schedule;
  return { dueUs: (n) => Math.ceil(schedule.dueUs(n) / burstEveryUs) * burstEveryUs };
}
