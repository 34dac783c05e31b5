/** Proves what values from the command line do to a scenario. */

import { describe, expect, test } from 'vitest';
import { headerBytes } from '../dist/core/payload/message.js';
import { type Problem, parseScenario } from '../dist/core/scenario/scenario-file.js';
import type { Overrides } from '../dist/core/scenario/schema.js';
import type { Scenario } from '../dist/core/scenario.js';

const open = `
kind: broadcast
targets: [ws, uws]
connections: 50
load: { model: open, rate: 20/s, arrivals: poisson }
payload: { size: 128B }
phases: { warmup: 1s, measure: 3s, drain: 2s }
`;
const closed = open.replace(/load:.*/, 'load: { model: closed, inflight: 4 }');

function parse(text: string, overrides: Overrides): Scenario {
  const parsed = parseScenario(text, 'x.yaml', ['ws', 'uws', 'socketio'], overrides);
  expect(parsed).not.toHaveProperty('problems');
  return (parsed as { scenario: Scenario }).scenario;
}

function problems(text: string, overrides: Overrides): readonly Problem[] {
  const parsed = parseScenario(text, 'x.yaml', ['ws', 'uws', 'socketio'], overrides);
  expect(parsed).not.toHaveProperty('scenario');
  return (parsed as { problems: readonly Problem[] }).problems;
}

test('every flag replaces its field', () => {
  const scenario = parse(open, {
    targets: ['socketio', 'socketio'],
    client: 'library',
    connections: 9,
    ratePerSecond: 33,
    sizeBytes: 64,
    measureMs: 500,
    warmupMs: 0,
    trials: 2,
    runners: 4,
    seed: 7,
  });
  expect(scenario).toMatchObject({ targets: ['socketio'], client: 'library', trials: 2, runners: 4, seed: 7 });
  expect(scenario.workloads).toMatchObject([
    {
      connections: 9,
      publishers: 1,
      load: { model: 'open', ratePerSecond: 33, arrivals: 'poisson' },
      payload: { sizeBytes: 64, type: 'text' },
      phases: { warmupMs: 0, measureMs: 500, drainMs: 2000 },
    },
  ]);
});

test('a rate opens a closed loop and messages in flight close an open one', () => {
  expect(parse(closed, { ratePerSecond: 5 }).workloads[0]?.load).toEqual({
    model: 'open',
    ratePerSecond: 5,
    arrivals: 'constant',
  });
  expect(parse(open, { inflight: 5 }).workloads[0]?.load).toEqual({ model: 'closed', inflight: 5 });
  expect(parse(`${open}sweep: { rate: [1/s, 2/s] }`, { inflight: 5 }).workloads).toHaveLength(1);
});

test('fewer connections lower publishers that were given, and default ones follow', () => {
  expect(parse(`${open}publishers: 40`, { connections: 10 }).workloads[0]?.publishers).toBe(10);
  expect(parse(`${open}publishers: 4`, { connections: 10 }).workloads[0]?.publishers).toBe(4);
  expect(parse(open.replace('broadcast', 'echo'), { connections: 99 }).workloads[0]?.publishers).toBe(99);
  const swept = parse(`${open}sweep: { publishers: [1, 20, 40] }`, { connections: 10 });
  expect(swept.workloads.map(({ publishers }) => publishers)).toEqual([1, 10]);
});

describe('several values of a flag', () => {
  const connectionsOf = (scenario: Scenario) => scenario.workloads.map(({ connections }) => connections);

  test('are swept, beside the lists of the file', () => {
    const text = `${open}sweep: { connections: [10, 20, 30], size: [64B, 65B] }`;
    const scenario = parse(text, { connections: 100, sweep: { connections: [200, 100] } });
    expect(scenario.workloads.map((one) => [one.payload.sizeBytes, one.connections])).toEqual([
      [64, 200],
      [64, 100],
      [65, 200],
      [65, 100],
    ]);
    expect(connectionsOf(parse(`${open}publishers: 40`, { connections: 9, sweep: { connections: [9, 99] } }))).toEqual([
      9, 99,
    ]);
  });

  test('open a closed loop, and make a ladder of steps', () => {
    const stopAbove = 'stopAbove: { p95: 500ms }\nsweep: { connections: [10, 20] }\n';
    const scenario = parse(closed + stopAbove, {
      connections: 5,
      ratePerSecond: 5,
      sweep: { connections: [5, 6], rate: [5, 50] },
    });
    expect(scenario.stopAboveP95Us).toBe(500_000);
    expect(scenario.workloads.map(({ load }) => load.model === 'open' && load.ratePerSecond)).toEqual([5, 50, 5, 50]);
  });

  test('are each checked, and blamed with their flag', () => {
    const messages = (overrides: Overrides) => problems(open, overrides).map(({ message }) => message);
    expect(messages({ connections: 5, sweep: { connections: [5, 200_000] } })).toEqual([
      '--connections 5,200000: 200000 is too large; at most 100000',
    ]);
    expect(messages({ sizeBytes: 64, sweep: { size: [64, 64] } })).toEqual([
      '--size 64B,64B: a value is given twice; keep one',
    ]);
    const storm = open.replace('broadcast', 'connect').replace('20/s', '2000/s');
    const late = problems(storm, { connections: 50, measureMs: 500, sweep: { connections: [50, 90_000] } });
    expect(late[0]!.message).toMatch(/^--connections 50,90000: opening 90000 connections/);
  });
});

test('an overridden parameter is no longer swept, the others are', () => {
  const text = `${open}sweep: { connections: [10, 20], size: [64B, 65B] }`;
  expect(parse(text, { connections: 5 }).workloads.map((one) => [one.connections, one.payload.sizeBytes])).toEqual([
    [5, 64],
    [5, 65],
  ]);
  expect(parse(text, { sizeBytes: 99 }).workloads).toHaveLength(2);
});

test('fewer connections leave room for fewer rooms and slow readers', () => {
  const rooms = `${open.replace('broadcast', 'room')}rooms: 20\nsweep: { rooms: [1, 20, 50] }\n`;
  expect(parse(rooms, { connections: 10 }).workloads.map((one) => one.rooms)).toEqual([1, 10]);
  const slow = (text: string, connections: number) =>
    parse(`${open}slowReaders: ${text}`, { connections }).workloads[0]?.slowReaders;
  expect([slow('20', 10), slow('20', 40), slow('10%', 100)]).toEqual([9, 20, 10]);
});

test('a ladder whose steps are overridden is none', () => {
  const ladder = `${open}stopAbove: { p95: 1s }\nsweep: { connections: [10, 20] }`;
  expect(parse(ladder, { trials: 1 }).stopAboveP95Us).toBe(1_000_000);
  expect(parse(ladder, { connections: 10 }).stopAboveP95Us).toBeUndefined();
});

test('a wrong flag is a problem of the command line that names the flag', () => {
  const found = problems(open, { sizeBytes: 3, connections: 0, targets: ['uvs'], trials: 1.5 });
  expect(found.every(({ file, line, column }) => file === 'command line' && line === 1 && column === 1)).toBe(true);
  expect(found.map(({ message }) => message)).toEqual([
    '--connections 0: 0 is too small; at least 1',
    `--size 3B: 3B is too small; at least ${headerBytes}B, because every message carries a header of that size`,
    '--trials 1.5: 1.5 is not a whole number; write one from 1 to 1000',
    '--target "uvs": there is no target "uvs"; did you mean uws?',
  ]);
});

test('a rate and messages in flight exclude each other, and an empty list of targets is refused', () => {
  expect(problems(open, { ratePerSecond: 1, inflight: 1 })[0]?.message).toMatch(/^--rate: /);
  expect(problems(open, { targets: [] })[0]?.message).toMatch(/^--target: /);
});

test('a rule that only the flags break names the flag', () => {
  expect(problems(open, { ratePerSecond: 1_000_000, measureMs: 3_600_000 })[0]?.message).toMatch(
    /^--rate 1000000\/s: .* by 1 publisher /,
  );
});

test('problems of the file come before those of the command line', () => {
  expect(problems(`${open}trails: 3`, { trials: 0 }).map(({ file }) => file)).toEqual(['x.yaml', 'command line']);
});
