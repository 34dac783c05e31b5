/**
 * Fault injection: breaks the generator on purpose, so that a test can see `bench calibrate` fail for the right reason.
 * Decided once, when a worker starts, from BENCH_SABOTAGE; without it every function here returns what it was given.
 */

import type { Inbox } from '../../core/client.js';
import type { Histogram } from '../../core/measure/histogram.js';
import type { Reason } from '../../core/measure/reason.js';
import type { Schedule } from '../../core/schedule.js';

const faults = ['latency', 'count', 'burst'];

const wanted = process.env['BENCH_SABOTAGE'];

/** What to say beside every figure; empty unless BENCH_SABOTAGE is set. */
export const injectedFaultWarnings: readonly Reason[] = describe();

function describe(): Reason[] {
  if (!wanted) return [];
  return faults.includes(wanted)
    ? [{ code: 'fault-injected', fault: wanted }]
    : [{ code: 'fault-unknown', faults: faults.join(', ') }];
}

const addedUs = 1_000;
const countEvery = 1_000;
const burstEveryUs = 10_000;

export function faultyTally<T extends { readonly response: Histogram; readonly service: Histogram }>(tally: T): T {
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
    other: (receiver, name) => inbox.other(receiver, name),
    pushed: (receiver, receivedUs, sentUs) => inbox.pushed(receiver, receivedUs, sentUs),
    unrecognised: (receiver, bytes, start, end) => inbox.unrecognised(receiver, bytes, start, end),
    closed: (receiver, code) => inbox.closed(receiver, code),
  };
}

export function faultySchedule(schedule: Schedule): Schedule {
  if (wanted !== 'burst') return schedule;
  return { dueUs: (n) => Math.ceil(schedule.dueUs(n) / burstEveryUs) * burstEveryUs };
}
