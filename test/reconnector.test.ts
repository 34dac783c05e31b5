/** When receivers that lost their connection try again, and how that is counted; without sockets, on virtual time. */

import { describe, expect, it } from 'vitest';
import { Tally } from '../dist/core/measure/tally.js';
import { Reconnector } from '../dist/runners/episodes/reconnector.js';
import { VirtualTime } from './virtual-world.js';

const startUs = new VirtualTime().nowUs();
/** A random number that leaves each delay as it is. */
const unmoved = (): number => 0;

/** A reconnector whose attempts at `outcomes` come to those in turn: an error class, or nothing for success. */
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
  const reconnector = new Reconnector(reopen, time, unmoved, tally, () => startUs + retryForUs, setTimer);
  /** Moves time in steps, so that promises settle between events. */
  const run = async (toMs: number): Promise<void> => {
    while (time.nowUs() < startUs + toMs * 1000) {
      const next = Math.min(time.nowUs() + 100_000, startUs + toMs * 1000);
      time.run(next);
      if (time.nowUs() < next) time.stall(next - time.nowUs());
      await new Promise((settled) => setImmediate(settled));
    }
  };
  return { reconnector, tally, attempts, open, run };
}

describe('a receiver that lost its connection', () => {
  it('opens another after the first delay, and its absence is recorded', async () => {
    const { reconnector, tally, attempts, run } = world([]);
    reconnector.lost(7);
    expect([tally.cutOff, reconnector.away]).toEqual([1, 1]);
    await run(2000);
    expect(attempts).toEqual([[7, 1000]]);
    expect([tally.reconnected, reconnector.away]).toEqual([1, 0]);
    expect([tally.reconnect.count, tally.reconnect.max]).toEqual([1, 1_000_000]);
    expect(tally.openings.peakPerSecond).toBe(1);
    expect(tally.errors.size).toBe(0);
  });

  it('tries again after longer and longer delays, and each failure counts by its class', async () => {
    const { reconnector, tally, attempts, run } = world(['connect:reset', 'connect:timeout', 'connect:reset']);
    reconnector.lost(0);
    await run(20_000);
    expect(attempts.map(([, atMs]) => atMs)).toEqual([1000, 3000, 7000, 12_000]);
    expect(Object.fromEntries(tally.errors)).toEqual({ 'connect:reset': 2, 'connect:timeout': 1 });
    expect([tally.cutOff, tally.reconnected]).toEqual([1, 1]);
    expect(tally.reconnect.max).toBe(12_000_000);
  });

  it('is cut off once, however often its loss is told while it is away', async () => {
    const { reconnector, tally, attempts, run } = world([]);
    for (let times = 0; times < 3; times++) reconnector.lost(0);
    await run(2000);
    expect([tally.cutOff, attempts.length, tally.reconnected]).toEqual([1, 1, 1]);
  });

  it('counts once more when it is lost once more, and begins with the first delay', async () => {
    const { reconnector, tally, attempts, run } = world(['connect:reset']);
    reconnector.lost(0);
    await run(4000);
    reconnector.lost(0);
    await run(6000);
    expect(attempts.map(([, atMs]) => atMs)).toEqual([1000, 3000, 5000]);
    expect([tally.cutOff, tally.reconnected, tally.reconnect.count]).toEqual([2, 2, 2]);
  });

  it('is not forgotten when its new connection is lost before it is known to be there', async () => {
    const { reconnector, tally, attempts, open, run } = world(['pending']);
    reconnector.lost(0);
    await run(1000);
    open[0]!();
    reconnector.lost(0);
    await run(3000);
    expect(attempts.map(([, atMs]) => atMs)).toEqual([1000, 2100]);
    expect([tally.cutOff, tally.reconnected, reconnector.away]).toEqual([2, 2, 0]);
  });

  it('stays away when the time for attempts is over', async () => {
    const { reconnector, tally, attempts, run } = world(['connect:reset'], 2_500_000);
    reconnector.lost(0);
    await run(20_000);
    expect(attempts).toHaveLength(1);
    expect([tally.cutOff, tally.reconnected, reconnector.away]).toEqual([1, 0, 1]);
  });
});

describe('reconnecting receivers', () => {
  it('come back each on its own, and the busiest second is known', async () => {
    const { reconnector, tally, run } = world(['connect:reset']);
    for (let receiver = 0; receiver < 10; receiver++) reconnector.lost(receiver);
    expect([tally.cutOff, reconnector.away]).toEqual([10, 10]);
    await run(1500);
    expect([tally.reconnected, reconnector.away]).toEqual([9, 1]);
    await run(4000);
    expect([tally.reconnected, reconnector.away]).toEqual([10, 0]);
    expect(tally.openings.peakPerSecond).toBe(9);
  });

  it('do nothing and count nothing after the stop', async () => {
    const { reconnector, tally, attempts, open, run } = world(['pending', 'pending']);
    reconnector.lost(0);
    await run(500);
    reconnector.lost(1);
    await run(1200);
    reconnector.stop();
    reconnector.lost(2);
    open[0]!();
    await run(20_000);
    expect(attempts).toEqual([[0, 1000]]);
    expect([tally.cutOff, tally.reconnected, reconnector.away]).toEqual([2, 0, 2]);
  });
});
