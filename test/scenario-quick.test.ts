/** Proves what --quick makes of a scenario: short, and still able to do all that the scenario asks for. */

import { expect, test } from 'vitest';
import { parseScenario } from '../dist/core/scenario/scenario-file.js';
import type { Overrides } from '../dist/core/scenario/schema.js';
import type { Scenario } from '../dist/core/scenario.js';

const base = `
kind: broadcast
targets: [ws]
connections: 50
load: { model: open, rate: 20/s, arrivals: poisson }
payload: { size: 128B }
phases: { warmup: 1s, measure: 30s, drain: 2s }
`;

function quick(text: string, overrides: Overrides = {}): Scenario {
  const parsed = parseScenario(text, 'x.yaml', ['ws'], { quick: true, ...overrides });
  expect(parsed).not.toHaveProperty('problems');
  return (parsed as { scenario: Scenario }).scenario;
}

const ofKind = (kind: string, more = '') => `${base.replace('broadcast', kind)}${more}\n`;

test('quick is one short trial, and a figure given beside it wins', () => {
  const { trials, workloads } = quick(base);
  expect(trials).toBe(1);
  expect(workloads).toMatchObject([{ phases: { warmupMs: 300, measureMs: 1000, drainMs: 1000 } }]);
  const given = quick(base, { trials: 2, measureMs: 4000, warmupMs: 2000 });
  expect(given.trials).toBe(2);
  expect(given.workloads[0]?.phases).toEqual({ warmupMs: 2000, measureMs: 4000, drainMs: 1000 });
});

test('it never lengthens a phase', () => {
  const text = base.replace(/phases:.*/, 'phases: { warmup: 0s, measure: 200ms, drain: 100ms }');
  expect(quick(text).workloads[0]?.phases).toEqual({ warmupMs: 0, measureMs: 200, drainMs: 100 });
});

test('up to three workloads are all tried, and of more those at the ends of each list', () => {
  const sizes = (text: string) => quick(`${base}sweep: ${text}`).workloads.map(({ payload }) => payload.sizeBytes);
  expect(sizes('{ size: [64B, 65B, 66B] }')).toEqual([64, 65, 66]);
  expect(sizes('{ size: [64B, 65B, 66B, 67B] }')).toEqual([64, 67]);
  const { workloads } = quick(`${base}sweep: { connections: [10, 20, 30], size: [64B, 65B] }`);
  expect(workloads.map((one) => [one.connections, one.payload.sizeBytes])).toEqual([
    [10, 64],
    [10, 65],
    [30, 64],
    [30, 65],
  ]);
});

test('a ladder is tried on its first two steps', () => {
  const ladder = `${base}stopAbove: { p95: 1s }\nsweep: { size: [64B, 65B], connections: [10, 20, 30] }`;
  const { stopAboveP95Us, workloads } = quick(ladder);
  expect(stopAboveP95Us).toBe(1_000_000);
  expect(workloads.map((one) => [one.payload.sizeBytes, one.connections])).toEqual([
    [64, 10],
    [64, 20],
  ]);
});

test('a storm is as large as the time allows', () => {
  const storm = (more = '', overrides: Overrides = {}) =>
    quick(ofKind('connect', more).replace('poisson', 'constant').replace('connections: 50', 'connections: 500'), {
      ...overrides,
    }).workloads;
  expect(storm()[0]?.connections).toBe(26);
  expect(storm('', { ratePerSecond: 100 })[0]?.connections).toBe(130);
  expect(storm('', { ratePerSecond: 100, connections: 7 })[0]?.connections).toBe(7);
  expect(storm('sweep: { rate: [20/s, 100/s] }').map(({ connections }) => connections)).toEqual([26, 26]);
  expect(storm('sweep: { connections: [5, 100, 500] }').map(({ connections }) => connections)).toEqual([5, 26]);
  const [random] = quick(ofKind('connect').replace('20/s', '300/s')).workloads;
  expect(random?.connections).toBeGreaterThan(5);
});

test('a storm that was given too many connections is refused with the name of the flag', () => {
  const parsed = parseScenario(ofKind('connect'), 'x.yaml', ['ws'], { quick: true, connections: 500 });
  expect(parsed).toMatchObject({ problems: [{ message: expect.stringMatching(/^--connections 500: opening/) }] });
});

test('an outage strikes early in a window in which clients can come back', () => {
  const text = ofKind('push', 'outage: { how: restart, after: 5s, recovery: true }');
  const [workload] = quick(text).workloads;
  expect(workload?.outage).toEqual({ how: 'restart', afterMs: 200, recovery: true });
  expect(workload?.phases.measureMs).toBe(4700);
  expect(quick(text, { measureMs: 100 }).workloads[0]?.outage?.afterMs).toBe(50);
});

test('an idle connection is pinged once, visitors leave, and a time-out is known before the end', () => {
  const idle = base.replace('broadcast', 'idle').replace(/(load|payload):.*\n/g, '');
  expect(quick(`${idle}heartbeat: 2s`).workloads[0]?.phases.measureMs).toBe(2500);
  const chat = ofKind('room', 'rooms: 5\nvisitors: { rate: 10/s, stay: 20s }');
  expect(quick(chat).workloads[0]?.visitors).toEqual({ ratePerSecond: 10, stayMs: 300 });
  expect(quick(ofKind('ack', 'ack: { timeout: 2s }')).workloads[0]?.ackTimeoutMs).toBe(1000);
  expect(quick(ofKind('ack')).workloads[0]?.ackTimeoutMs).toBe(1000);
});
