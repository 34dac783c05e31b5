/** When receivers that lost their connection try again, and how that is counted; without sockets, on virtual time. */

import { describe, expect, it, vi } from 'vitest';
import { Tally } from '../dist/core/measure/tally.js';
import { seededRandom } from '../dist/core/random.js';
import { windowFrom } from '../dist/core/schedule.js';
import { Reconnection, retryDelayMs } from '../dist/runners/episodes/reconnection.js';
// The formula that ours must follow; the package does not export it.
import { Backoff } from '../node_modules/socket.io-client/build/esm/contrib/backo2.js';
import { VirtualTime } from './virtual-world.js';

const Theirs = Backoff as unknown as new (options: object) => { duration(): number };
const startUs = new VirtualTime().nowUs();
/** A random number that leaves each delay as it is. */
const unmoved = (): number => 0;

/** A reconnection whose attempts at `outcomes` come to those in turn: an error class, or nothing for success. */
function world(outcomes: readonly (string | undefined)[], retryForUs = Number.POSITIVE_INFINITY) {
  const time = new VirtualTime();
  const tally = new Tally();
  const attempts: [receiver: number, atMs: number][] = [];
  const open: (() => void)[] = [];
  const reopen = (receiver: number): Promise<void> => {
    attempts.push([receiver, (time.nowUs() - startUs) / 1000]);
    const outcome = outcomes[attempts.length - 1];
    if (outcome === 'pending') return new Promise((resolve) => open.push(resolve));
    return outcome === undefined ? Promise.resolve() : Promise.reject(new Error(outcome));
  };
  const setTimer = (ms: number, call: () => void): (() => void) => {
    let isCancelled = false;
    time.schedule(time.nowUs() + ms * 1000, () => isCancelled || call());
    return () => {
      isCancelled = true;
    };
  };
  const reconnection = new Reconnection(10, reopen, time, unmoved, tally, setTimer);
  reconnection.begin({
    ...windowFrom(startUs, { warmupMs: 0, measureMs: 0, drainMs: 0 }),
    drainToUs: startUs + retryForUs,
  });
  /** Moves time in steps, so that promises settle between events. */
  const run = async (toMs: number): Promise<void> => {
    while (time.nowUs() < startUs + toMs * 1000) {
      const next = Math.min(time.nowUs() + 100_000, startUs + toMs * 1000);
      time.run(next);
      if (time.nowUs() < next) time.stall(next - time.nowUs());
      await new Promise((settled) => setImmediate(settled));
    }
  };
  return { reconnection, time, tally, attempts, open, run };
}

describe('a receiver that lost its connection', () => {
  it('opens another after the first delay, and the time without one is recorded', async () => {
    const { reconnection, tally, attempts, run } = world([]);
    reconnection.lost(7);
    expect([tally.cutOff, reconnection.away]).toEqual([1, 1]);
    await run(2000);
    expect(attempts).toEqual([[7, 1000]]);
    expect([tally.reconnected, reconnection.away]).toEqual([1, 0]);
    expect([tally.reconnect.count, tally.reconnect.max]).toEqual([1, 1_000_000]);
    expect(tally.openings.peakPerSecond).toBe(1);
    expect(tally.errors.size).toBe(0);
  });

  it('tries again after longer and longer delays, and each failure counts by its class', async () => {
    const { reconnection, tally, attempts, run } = world(['connect:reset', 'connect:timeout', 'connect:reset']);
    reconnection.lost(0);
    await run(20_000);
    expect(attempts.map(([, atMs]) => atMs)).toEqual([1000, 3000, 7000, 12_000]);
    expect(Object.fromEntries(tally.errors)).toEqual({ 'connect:reset': 2, 'connect:timeout': 1 });
    expect([tally.cutOff, tally.reconnected]).toEqual([1, 1]);
    expect(tally.reconnect.max).toBe(12_000_000);
  });

  it('is cut off once, however often its loss is told while it is away', async () => {
    const { reconnection, tally, attempts, run } = world([]);
    for (let times = 0; times < 3; times++) reconnection.lost(0);
    await run(2000);
    expect([tally.cutOff, attempts.length, tally.reconnected]).toEqual([1, 1, 1]);
  });

  it('counts once more when it is lost once more, and begins with the first delay', async () => {
    const { reconnection, tally, attempts, run } = world(['connect:reset']);
    reconnection.lost(0);
    await run(4000);
    reconnection.lost(0);
    await run(6000);
    expect(attempts.map(([, atMs]) => atMs)).toEqual([1000, 3000, 5000]);
    expect([tally.cutOff, tally.reconnected, tally.reconnect.count]).toEqual([2, 2, 2]);
  });

  it('is not forgotten when its new connection is lost before it is known to be there', async () => {
    const { reconnection, tally, attempts, open, run } = world(['pending']);
    reconnection.lost(0);
    await run(1000);
    open[0]!();
    reconnection.lost(0);
    await run(3000);
    expect(attempts.map(([, atMs]) => atMs)).toEqual([1000, 2100]);
    expect([tally.cutOff, tally.reconnected, reconnection.away]).toEqual([2, 2, 0]);
  });

  it('stays away when the time for attempts is over', async () => {
    const { reconnection, tally, attempts, run } = world(['connect:reset'], 2_500_000);
    reconnection.lost(0);
    await run(20_000);
    expect(attempts).toHaveLength(1);
    expect([tally.cutOff, tally.reconnected, reconnection.away]).toEqual([1, 0, 1]);
  });
});

describe('reconnecting receivers', () => {
  it('come back each on its own, and the busiest second is known', async () => {
    const { reconnection, tally, run } = world(['connect:reset']);
    for (let receiver = 0; receiver < 10; receiver++) reconnection.lost(receiver);
    expect([tally.cutOff, reconnection.away]).toEqual([10, 10]);
    await run(1500);
    expect([tally.reconnected, reconnection.away]).toEqual([9, 1]);
    await run(4000);
    expect([tally.reconnected, reconnection.away]).toEqual([10, 0]);
    expect(tally.openings.peakPerSecond).toBe(9);
  });

  it('do nothing and count nothing after the stop', async () => {
    const { reconnection, tally, attempts, open, run } = world(['pending', 'pending']);
    reconnection.lost(0);
    await run(500);
    reconnection.lost(1);
    await run(1200);
    reconnection.end();
    reconnection.lost(2);
    open[0]!();
    await run(20_000);
    expect(attempts).toEqual([[0, 1000]]);
    expect([tally.cutOff, tally.reconnected, reconnection.away]).toEqual([2, 0, 2]);
  });
});

describe('a message', () => {
  it('is missed when it was sent while the receiver was away, not before and not after', async () => {
    const { reconnection, run, time } = world([]);
    const missed = (atMs: number) => reconnection.missed(3, startUs + atMs * 1000);
    await run(500);
    expect([0, 500].map(missed)).toEqual([false, false]);
    reconnection.lost(3);
    expect([499, 500, 9_000].map(missed)).toEqual([false, true, true]);
    await run(3_000);
    expect(time.nowUs()).toBe(startUs + 3e6);
    expect([499, 500, 1_499, 1_600].map(missed)).toEqual([false, true, true, false]);
    expect(reconnection.missed(4, startUs + 1_000_000)).toBe(false);
  });
});

describe('the delay before a reconnection', () => {
  it.each([
    ['is shorter when the random number moves it down', 0.875, [563, 1125, 2250, 4500, 5000, 5000]],
    ['is longer when the random number moves it up', 0.96875, [1484, 2968, 5000, 5000, 5000, 5000]],
    ['doubles where it is not moved', 0, [1000, 2000, 4000, 5000, 5000, 5000]],
  ])('%s', (_, random, delays) => {
    expect(delays.map((_, attempt) => retryDelayMs(attempt, random))).toEqual(delays);
  });

  it('is that of socket.io-client for the same random numbers', () => {
    const { next } = seededRandom(1);
    const spy = vi.spyOn(Math, 'random');
    try {
      for (let round = 0; round < 200; round++) {
        const theirs = new Theirs({ min: 1000, max: 5000, jitter: 0.5 });
        for (let attempt = 0; attempt < 8; attempt++) {
          const random = next();
          spy.mockReturnValue(random);
          expect(retryDelayMs(attempt, random)).toBe(theirs.duration());
        }
      }
    } finally {
      spy.mockRestore();
    }
  });

  it('stays the longest however often an attempt has failed', () => {
    expect(retryDelayMs(5000, 0.5)).toBe(5000);
  });
});
