/** What holding connections costs: differences of memory, and an hour's bytes and CPU from a short time of heartbeats. */

import { describe, expect, it } from 'vitest';
import { type HoldingReadings, holdingOf } from '../dist/runners/run/workload-metrics.js';

const readings: HoldingReadings = {
  connections: 100,
  kernelBefore: 8_192,
  kernelHeld: 417_792,
  serverBefore: { rssBytes: 50_000_000, heapBytes: 5_000_000, externalBytes: 1_000_000 },
  serverHeld: { rssBytes: 52_000_000, heapBytes: 5_700_000, externalBytes: 1_030_000 },
  bytesIn: 2_000,
  bytesOut: 6_000,
  serverCpuUs: 10_000,
  seconds: 10,
  heartbeatMs: 1_000,
  usualHeartbeatMs: 25_000,
};

describe('what holding costs', () => {
  it('is for each connection: memory as a difference, the rest in an hour with the usual heartbeat', () => {
    // 10 heartbeats of each connection were measured; an hour has 144 with the usual 25 s between them.
    expect(holdingOf(readings)).toEqual({
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
    const hour = { ...readings, seconds: 3600, heartbeatMs: 25_000 };
    expect(holdingOf(hour)).toMatchObject({ bytesInPerHour: 20, bytesOutPerHour: 60, serverCpuUsPerHour: 100 });
  });

  it.each([
    [1_000, 10],
    [500, 10],
    [2_000, 60],
    [25_000, 200],
  ])('is the same whichever heartbeat it was measured with: every %d ms for %d s', (heartbeatMs, seconds) => {
    const heartbeats = (seconds * 1000) / heartbeatMs;
    const measured = holdingOf({
      ...readings,
      heartbeatMs,
      seconds,
      bytesIn: 100 * 2 * heartbeats,
      bytesOut: 100 * 6 * heartbeats,
      serverCpuUs: 100 * 3 * heartbeats,
    });
    expect(measured.bytesInPerHour).toBeCloseTo(2 * 144, 6);
    expect(measured.bytesOutPerHour).toBeCloseTo(6 * 144, 6);
    expect(measured.serverCpuUsPerHour).toBeCloseTo(3 * 144, 6);
  });

  it('is negative where the server gave back more than the connections took', () => {
    const { serverBefore, serverHeld } = readings;
    const given = holdingOf({ ...readings, serverBefore: serverHeld, serverHeld: serverBefore });
    expect(given.serverRssBytesPerConnection).toBe(-20_000);
    expect(given.serverHeapBytesPerConnection).toBe(-7_000);
    expect(given.serverExternalBytesPerConnection).toBe(-300);
  });

  it('is nothing of the kernel when sockets of others went away meanwhile, and unknown where nobody tells it', () => {
    expect(holdingOf({ ...readings, kernelHeld: 4_096 }).kernelBytesPerConnection).toBe(0);
    expect(holdingOf({ ...readings, kernelBefore: undefined }).kernelBytesPerConnection).toBeNull();
    expect(holdingOf({ ...readings, kernelHeld: undefined }).kernelBytesPerConnection).toBeNull();
  });

  it('is 0, and not what JSON cannot hold, when nothing was held', () => {
    const nothing = holdingOf({ ...readings, connections: 0, seconds: 0 });
    expect(Object.values(nothing)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });
});
