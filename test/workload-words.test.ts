/** What a heading says of a workload, and when two workloads are the same work. */

import { describe, expect, it } from 'vitest';
import type { Workload } from '../dist/core/scenario.js';
import { workloadKey } from '../dist/core/workload/workload-fields.js';
import { workloadText, workText } from '../dist/reports/heading.js';

const base: Workload = {
  kind: 'echo',
  connections: 100,
  publishers: 100,
  load: { model: 'open', ratePerSecond: 250, arrivals: 'constant' },
  payload: { sizeBytes: 64, type: 'text' },
  phases: { warmupMs: 1000, measureMs: 3000, drainMs: 1000 },
  connect: { ratePerSecond: 1000, timeoutMs: 1000 },
};
/** What every heading of a kind that sends on a schedule says. */
const sending = 'open loop, 250/s evenly spaced · 64 B text';

const cases: readonly (readonly [Partial<Workload>, string])[] = [
  [{}, `echo · 100 connections · all sending · ${sending}`],
  [{ kind: 'ack', ackTimeoutMs: 1000 }, `ack · 100 connections · all sending · ${sending} · acknowledged within 1s`],
  [
    { kind: 'broadcast', publishers: 1, slowReaders: 10 },
    `broadcast · 100 connections · 1 sending · ${sending} · 10 % slow readers: 10 of 100 read nothing`,
  ],
  [
    { kind: 'broadcast', connections: 3000, publishers: 1, slowReaders: 7 },
    `broadcast · 3,000 connections · 1 sending · ${sending} · 0.23 % slow readers: 7 of 3,000 read nothing`,
  ],
  [
    { kind: 'room', publishers: 30, rooms: 20, visitors: { ratePerSecond: 10, stayMs: 500 } },
    `room · 100 connections · 30 sending · ${sending} · 20 rooms · visitors at 10.0/s, each for 500ms`,
  ],
  [{ kind: 'room', rooms: 1 }, `room · 100 connections · all sending · ${sending} · 1 room`],
  [{ blocking: 'refuse' }, `echo · 100 connections · all sending · ${sending} · behind a proxy that refuses upgrades`],
  [
    { blocking: 'swallow' },
    `echo · 100 connections · all sending · ${sending} · behind a proxy that swallows upgrades`,
  ],
  [
    { blocking: 'cut' },
    `echo · 100 connections · all sending · ${sending} · behind a proxy that cuts upgraded connections`,
  ],
  [
    { kind: 'push', publishers: 0, outage: { how: 'reset', afterMs: 1000, recovery: false } },
    `push · 100 connections · pushed by the server, ${sending} · all connections reset after 1s`,
  ],
  [
    { kind: 'push', publishers: 0, outage: { how: 'restart', afterMs: 500, recovery: true } },
    `push · 100 connections · pushed by the server, ${sending} · server killed and restarted after 500ms · with connection state recovery`,
  ],
  [{ kind: 'connect' }, 'connect · storm of 100 connections at 250/s · 64 B text'],
  [
    { kind: 'idle', publishers: 0, load: { model: 'none' }, heartbeatMs: 2000 },
    'idle · 100 connections · heartbeat every 2s',
  ],
];

describe('a heading', () => {
  it.each(cases)('says of %j: %s', (own, text) => {
    expect(workText({ ...base, ...own })).toBe(text);
  });

  it('says how often and how long as well', () => {
    expect(workloadText({ ...base, kind: 'connect' }, 2)).toBe(
      'connect · storm of 100 connections at 250/s · 64 B text · 2 trials × 3s · warm-up 1s · drain 1s',
    );
  });
});

describe('two workloads', () => {
  it('are the same work when one comes from a file, where what is undefined is absent', () => {
    const planned: Workload = { ...base, rooms: undefined, outage: undefined, heartbeatMs: undefined };
    expect(workloadKey(JSON.parse(JSON.stringify(planned)))).toBe(workloadKey(planned));
    expect(workloadKey(base)).toBe(workloadKey(planned));
  });
});
