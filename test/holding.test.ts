/** What holding connections costs: differences of memory, and an hour's bytes and CPU from a short time of heartbeats. */

import { describe, expect, it } from 'vitest';
import { type HeldReading, holdingOf } from '../dist/runners/run/workload-metrics.js';

const memory = {
  idleRssBytes: 50_000_000,
  idleHeapBytes: 5_000_000,
  idleExternalBytes: 1_000_000,
  rssBytes: 52_000_000,
  heapBytes: 5_700_000,
  externalBytes: 1_030_000,
};

interface Readings extends HeldReading {
  readonly connections: number;
  readonly heartbeatMs: number | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly before: number | undefined;
  readonly held: number | undefined;
}

const readings: Readings = {
  ...memory,
  connections: 100,
  heartbeatMs: 1_000,
  bytesIn: 2_000,
  bytesOut: 6_000,
  cpuUs: 10_000,
  observedUs: 10e6,
  before: 8_192,
  held: 417_792,
};

const holding = (own: Partial<Readings> = {}) => {
  const all = { ...readings, ...own };
  return holdingOf(all, all, all, all);
};

describe('what holding costs', () => {
  it('is for each connection: memory as a difference, the rest in an hour with the usual heartbeat', () => {
    // 10 heartbeats of each connection were measured; an hour has 144 with the usual 25 s between them.
    expect(holding()).toEqual({
      kernelBytesPerConnection: 4_096,
      serverRssBytesPerConnection: 20_000,
      serverHeapBytesPerConnection: 7_000,
      serverExternalBytesPerConnection: 300,
      bytesInPerHour: expect.closeTo(2 * 144, 6),
      bytesOutPerHour: expect.closeTo(6 * 144, 6),
      serverCpuUsPerHour: expect.closeTo(10 * 144, 6),
    });
  });

  it('is only scaled to the hour when the heartbeat is the usual one', () => {
    for (const heartbeatMs of [25_000, undefined])
      expect(holding({ observedUs: 3600e6, heartbeatMs })).toMatchObject({
        bytesInPerHour: 20,
        bytesOutPerHour: 60,
        serverCpuUsPerHour: 100,
      });
  });

  it.each([
    [1_000, 10],
    [500, 10],
    [2_000, 60],
    [25_000, 200],
  ])('is the same whichever heartbeat it was measured with: every %d ms for %d s', (heartbeatMs, seconds) => {
    const heartbeats = (seconds * 1000) / heartbeatMs;
    const measured = holding({
      heartbeatMs,
      observedUs: seconds * 1e6,
      bytesIn: 100 * 2 * heartbeats,
      bytesOut: 100 * 6 * heartbeats,
      cpuUs: 100 * 3 * heartbeats,
    });
    expect(measured.bytesInPerHour).toBeCloseTo(2 * 144, 6);
    expect(measured.bytesOutPerHour).toBeCloseTo(6 * 144, 6);
    expect(measured.serverCpuUsPerHour).toBeCloseTo(3 * 144, 6);
  });

  it('is negative where the server gave back more than the connections took', () => {
    const { idleRssBytes, idleHeapBytes, idleExternalBytes, rssBytes, heapBytes, externalBytes } = memory;
    const given = holding({
      ...{ idleRssBytes: rssBytes, idleHeapBytes: heapBytes, idleExternalBytes: externalBytes },
      ...{ rssBytes: idleRssBytes, heapBytes: idleHeapBytes, externalBytes: idleExternalBytes },
    });
    expect(given.serverRssBytesPerConnection).toBe(-20_000);
    expect(given.serverHeapBytesPerConnection).toBe(-7_000);
    expect(given.serverExternalBytesPerConnection).toBe(-300);
  });

  it('is nothing of the kernel when sockets of others went away meanwhile, and unknown where nobody tells it', () => {
    expect(holding({ held: 4_096 }).kernelBytesPerConnection).toBe(0);
    expect(holding({ before: undefined }).kernelBytesPerConnection).toBeNull();
    expect(holding({ held: undefined }).kernelBytesPerConnection).toBeNull();
  });

  it('is 0, and not what JSON cannot hold, when nothing was held', () => {
    const nothing = holding({ connections: 0, observedUs: 0 });
    expect(Object.values(nothing)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });
});
