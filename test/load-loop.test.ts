import { describe, expect, it } from 'vitest';
import type { Reason } from '../dist/core/measure/reason.js';
import type { Tally } from '../dist/core/measure/tally.js';
import { invalidity } from '../dist/core/measure/validity.js';
import type { Workload } from '../dist/core/scenario.js';
import { runVirtually, serverDelayUs } from './virtual-world.js';

const open = { model: 'open', ratePerSecond: 1_000, arrivals: 'constant' } as const;
const measureMs = 10_000;
const stallMs = 1_000;
/** 1 s of stall in 10 s touches 10 % of the messages, evenly by 0 to 1 s: the worst 1 % wait 0.9 s or more. */
const p99Us = 900_000;

function reasons(tally: Tally, load: Workload['load']): Reason[] {
  const workload: Workload = {
    kind: 'echo',
    connections: 10,
    publishers: 10,
    load,
    payload: { sizeBytes: 64, type: 'text' },
    phases: { warmupMs: 0, measureMs, drainMs: 2_000 },
    connect: { ratePerSecond: 1_000, timeoutMs: 1_000 },
  };
  return invalidity({
    workload,
    tally,
    eventLoopUtilization: 0.1,
    serverCpuPercent: 20,
    connectionsLost: 0,
    stolenShare: 0,
    failure: undefined,
  });
}

function expectWithin(value: number, target: number, share: number): void {
  expect(value).toBeGreaterThanOrEqual(target * (1 - share));
  expect(value).toBeLessThanOrEqual(target * (1 + share));
}

describe('an open loop of 1,000 messages a second for 10 s', () => {
  it('sends every message when it is due and records what the server took', () => {
    const tally = runVirtually({ load: open, connections: 10, measureMs });
    expect(tally.sent).toBe(10_000);
    expect(tally.delivered).toBe(10_000);
    expect(tally.lost).toBe(0);
    expect(tally.discrepancies()).toEqual([]);
    expect(tally.response.quantile(0.5)).toBe(serverDelayUs);
    expect(tally.response.max).toBe(serverDelayUs);
    expect(tally.sendLag.max).toBeLessThanOrEqual(1);
    expect(reasons(tally, open)).toEqual([]);
  });

  it('shows a server that stalls for 1 s in the p99 of response and of service', () => {
    const tally = runVirtually({
      load: open,
      connections: 10,
      measureMs,
      serverStall: { fromMs: 4_000, lengthMs: stallMs },
    });
    expect(tally.sent).toBe(10_000);
    expectWithin(tally.response.quantile(0.99), p99Us, 0.02);
    expectWithin(tally.service.quantile(0.99), p99Us, 0.02);
    expect(reasons(tally, open)).toEqual([]);
  });

  it('shows its own stall of 1 s in the p99 of response only, and makes the trial invalid', () => {
    const tally = runVirtually({
      load: open,
      connections: 10,
      measureMs,
      generatorStall: { atMs: 4_000, lengthMs: stallMs },
    });
    expect(tally.sent).toBe(10_000);
    expectWithin(tally.response.quantile(0.99), p99Us, 0.02);
    expect(tally.service.quantile(0.99)).toBe(serverDelayUs);
    expectWithin(tally.sendLag.quantile(0.99), p99Us, 0.02);
    expect(reasons(tally, open)).toEqual([expect.objectContaining({ code: 'generator-late' })]);
  });

  it.each([
    ['the machine', 4.5, [[], [5_000, 4_000, 3_000, 2_000]]],
    [
      'the machine for a part of it',
      2.2,
      [
        [5_000, 4_000],
        [3_000, 2_000],
      ],
    ],
    ['the generator', 0, [[5_000, 4_000, 3_000, 2_000], []]],
  ])('tells which messages left late because of %s', (_, heldMs, [own, held]) => {
    const tally = runVirtually({
      load: open,
      connections: 10,
      measureMs: 100,
      // From the moment of a message on: that one leaves 5 ms late, the next 4.
      generatorStall: { atMs: 40, lengthMs: 5, heldMs },
    });
    const lateOf = (lag: Tally['sendLag']) =>
      [5, 4, 3, 2].flatMap((ms) =>
        Array(lag.countAbove(1e3 * ms - 500) - lag.countAbove(1e3 * ms + 500)).fill(1e3 * ms),
      );
    expect(lateOf(tally.sendLag)).toEqual([5_000, 4_000, 3_000, 2_000]);
    expect([lateOf(tally.sendLag.since(tally.heldLag)), lateOf(tally.heldLag)]).toEqual([own, held]);
  });

  it('counts messages that it could not send before the end of the drain as dropped', () => {
    const tally = runVirtually({
      load: open,
      connections: 10,
      measureMs,
      generatorStall: { atMs: 9_000, lengthMs: 5_000 },
    });
    expect(tally.scheduled).toBe(10_000);
    expect(tally.dropped).toBe(1_000);
    expect(tally.discrepancies()).toEqual([]);
    expect(reasons(tally, open)).toContainEqual(expect.objectContaining({ code: 'load-not-sent' }));
  });

  it('loses nothing at Poisson times either', () => {
    const poisson = { ...open, arrivals: 'poisson' } as const;
    const tally = runVirtually({ load: poisson, connections: 10, measureMs });
    expectWithin(tally.sent, 10_000, 0.05);
    expect(tally.delivered).toBe(tally.sent);
    expect(tally.response.max).toBeLessThanOrEqual(serverDelayUs + 1);
  });

  it('sends bursts that are due at once for one connection in the order of their numbers', () => {
    const tally = runVirtually({
      load: { ...open, ratePerSecond: 100_000 },
      connections: 3,
      measureMs: 100,
      generatorStall: { atMs: 20, lengthMs: 10 },
    });
    expect(tally.sent).toBe(10_000);
    expect(tally.reordered).toBe(0);
    expect(tally.delivered).toBe(10_000);
  });
});

describe('a closed loop with one message in flight', () => {
  const closed = { model: 'closed', inflight: 1 } as const;

  it('does not show a stall of 1 s in its p99, and records no response time', () => {
    const tally = runVirtually({
      load: closed,
      connections: 10,
      measureMs,
      serverStall: { fromMs: 4_000, lengthMs: stallMs },
    });
    expect(tally.service.quantile(0.99)).toBe(serverDelayUs);
    expectWithin(tally.service.max, stallMs * 1000, 0.02);
    expect(tally.response.count).toBe(0);
    expect(reasons(tally, closed)).toEqual([]);
  });

  it('has never more in flight than asked for, whoever answers', () => {
    const tally = runVirtually({ load: { model: 'closed', inflight: 4 }, connections: 2, measureMs: 100 });
    expect(tally.delivered).toBe(tally.sent);
    expectWithin(tally.sent, (2 * 4 * 100_000) / serverDelayUs, 0.02);
  });

  it('gives a reply up after a while and goes on, when the server swallows one', () => {
    const tally = runVirtually({
      load: closed,
      connections: 1,
      measureMs: 8_000,
      serverStall: { fromMs: 1_000, lengthMs: 3_000 },
    });
    expect(tally.errors.get('reply-timeout')).toBe(1);
    expect(tally.delivered).toBe(tally.sent);
  });
});
