import { describe, expect, it } from 'vitest';
import { sides } from '../dist/core/plan.js';
import { isMeasured } from '../dist/runners/workers/window-meter.js';
import { runFork } from './virtual-fork.js';

const closed = { model: 'closed', inflight: 1 } as const;
const open = { model: 'open', ratePerSecond: 1_000, arrivals: 'constant' } as const;
const alike = { base: 50, head: 50 };

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}

describe('a fork under a closed loop', () => {
  it('shows a side that works 10 % longer on each message as that much slower and dearer', () => {
    const { base, head } = runFork({
      load: closed,
      connections: 8,
      windows: 4,
      costUs: { base: 50, head: 55 },
    }).sides;
    const rate = base.readings.map((reading, i) => Math.log(head.readings[i]!.delivered / reading.delivered));
    const cpu = base.readings.map((reading, i) => {
      const other = head.readings[i]!;
      return Math.log(other.serverCpuUs / other.delivered / (reading.serverCpuUs / reading.delivered));
    });
    expect(rate).toHaveLength(4);
    expect(median(rate)).toBeCloseTo(-Math.log(1.1), 2);
    expect(median(cpu)).toBeCloseTo(Math.log(1.1), 2);
    expect(base.readings[0]!.serverCpuUs).toBeCloseTo(80_000, -3);
    expect(Math.log(head.tally.service.quantile(0.5) / base.tally.service.quantile(0.5))).toBeCloseTo(Math.log(1.1), 2);
  });

  it('counts in each window what arrived in its measured part, and nothing else', () => {
    const { plan, sides: both } = runFork({
      load: closed,
      connections: 8,
      windows: 3,
      warmupMs: 120,
      costUs: alike,
      delayUs: 7_000,
    });
    for (const side of sides) {
      const measured = plan.windows[side].filter(isMeasured);
      const arrived = measured.map(
        ({ measureFromUs, measureToUs }) =>
          both[side].receivedUs.filter((us) => us >= measureFromUs && us < measureToUs).length,
      );
      expect(both[side].readings.map(({ delivered }) => delivered)).toEqual(arrived);
      expect(both[side].tally.deliveredInWindow).toBe(arrived.reduce((sum, count) => sum + count, 0));
      expect(both[side].tally.deliveredInWindow).toBeLessThan(both[side].tally.delivered);
    }
  });

  it('sends on each side in its own windows only', () => {
    const { plan, sides: both } = runFork({ load: closed, connections: 8, windows: 3, costUs: alike, delayUs: 3_000 });
    for (const side of sides) {
      const within = (us: number): boolean =>
        plan.windows[side].some(({ startUs, measureToUs }) => us >= startUs && us < measureToUs);
      expect(both[side].sentUs.length).toBeGreaterThan(100);
      expect(both[side].sentUs.every(within)).toBe(true);
    }
  });

  it('accounts for what is in flight at the end of a window, and records how long it took', () => {
    const { base, head } = runFork({ load: closed, connections: 8, windows: 2, costUs: alike, delayUs: 30_000 }).sides;
    for (const { tally } of [base, head]) {
      expect(tally.discrepancies()).toEqual([]);
      expect(tally.lost).toBe(0);
      expect(tally.delivered).toBe(tally.sent);
      expect(tally.service.count).toBe(tally.measuredSent);
      expect(tally.service.min).toBeGreaterThanOrEqual(30_000);
    }
  });

  it('has no more in flight than asked for when answers come only windows later', () => {
    const { base, head } = runFork({ load: closed, connections: 8, windows: 5, costUs: alike, delayUs: 260_000 }).sides;
    for (const { tally } of [base, head]) {
      expect(tally.sent).toBe(5 * 8);
      expect(tally.delivered).toBe(5 * 8);
    }
  });

  it('starts afresh in the next window when the server swallows messages, and says how many were lost', () => {
    const { base, head } = runFork({ load: closed, connections: 2, windows: 4, costUs: alike, swallowEvery: 50 }).sides;
    expect(head.readings).toHaveLength(4);
    expect(head.tally.sent).toBeGreaterThanOrEqual(4 * 50);
    expect(head.tally.lost).toBe(Math.floor(head.tally.sent / 50));
    expect(head.tally.discrepancies()).toEqual([]);
    expect(base.tally.lost).toBe(0);
    expect(base.readings.every(({ delivered }) => delivered > 1_000)).toBe(true);
  });
});

describe('a fork under an open loop', () => {
  it('offers each side the rate of the scenario while it is active, at the same times of its windows', () => {
    const { plan, sides: both } = runFork({ load: open, connections: 7, windows: 4, costUs: alike });
    const inWindows = sides.map((side) =>
      both[side].sentUs.map((us) => {
        const window = plan.windows[side].find(({ startUs, measureToUs }) => us >= startUs && us < measureToUs)!;
        return us - window.startUs;
      }),
    );
    expect(inWindows[0]).toHaveLength(4 * 110);
    expect(inWindows[0]).toEqual(inWindows[1]);
    expect(both.base.tally.measuredScheduled).toBe(4 * 80);
    expect(both.base.tally.sentInWindow).toBe(4 * 80);
    expect(both.base.tally.response.quantile(0.5)).toBe(50);
    expect(both.base.tally.response.max).toBeLessThanOrEqual(51);
  });

  it('does not make up in a later window for what the generator missed in an earlier one', () => {
    // 200 ms from the middle of base's first window: it misses the rest of that one and most of head's.
    const { plan, sides: both } = runFork({
      load: open,
      connections: 4,
      windows: 4,
      costUs: alike,
      generatorStall: { atMs: 60, lengthMs: 200 },
    });
    const inLast = (side: 'base' | 'head'): number =>
      both[side].sentUs.filter((us) => us >= plan.windows[side][3]!.startUs).length;
    expect([inLast('base'), inLast('head')]).toEqual([110, 110]);
    for (const side of sides) {
      const { tally } = both[side];
      expect(tally.scheduled).toBe(4 * 110);
      expect(tally.dropped).toBeGreaterThan(0);
      expect(tally.discrepancies()).toEqual([]);
    }
    expect(both.base.tally.sentInWindow).toBeLessThan(0.99 * both.base.tally.measuredScheduled);
  });

  it('judges the utilisation of the generator by the measured parts alone', () => {
    // Its thread works in the measured parts of a side and idles otherwise.
    const { base, head } = runFork({ load: open, connections: 4, windows: 2, warmupMs: 240, costUs: alike }).sides;
    expect(base.utilization).toBeCloseTo(1, 6);
    expect(head.utilization).toBeCloseTo(1, 6);
  });
});
