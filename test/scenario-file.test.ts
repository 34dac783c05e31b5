/** Proves what a scenario file means and what each mistake in one is told. */

import { expect, test } from 'vitest';
import { headerBytes } from '../dist/core/payload/message.js';
import { formatProblem, type Problem, parseScenario } from '../dist/core/scenario/scenario-file.js';
import type { Overrides } from '../dist/core/scenario/schema.js';
import type { Scenario } from '../dist/core/scenario.js';

const targets = ['ws', 'uws', 'socketio', 'socketio-websocket', 'socketio-polling', 'socketio-uws'];

const lines = [
  '# How late is it?',
  'kind: echo',
  'targets: [ws, uws]',
  'connections: 50',
  'load: { model: open, rate: 20/s }',
  'payload: { size: 128B }',
  'phases: { warmup: 1s, measure: 3s, drain: 1s }',
];

/** The base file with lines replaced by their number, or added at the end. */
function text(replaced: Record<number, string> = {}, ...added: string[]): string {
  return [...lines.map((line, index) => replaced[index + 1] ?? line), ...added].join('\n');
}

function parse(source: string, overrides: Overrides = {}): Scenario {
  const parsed = parseScenario(source, 'scenarios/late.yaml', targets, overrides);
  expect(parsed).not.toHaveProperty('problems');
  return (parsed as { scenario: Scenario }).scenario;
}

function problems(source: string, overrides: Overrides = {}): readonly Problem[] {
  const parsed = parseScenario(source, 'scenarios/late.yaml', targets, overrides);
  expect(parsed).not.toHaveProperty('scenario');
  return (parsed as { problems: readonly Problem[] }).problems;
}

/** `line:column message` of each problem. */
function complaints(source: string, overrides: Overrides = {}): string[] {
  return problems(source, overrides).map(({ line, column, message }) => `${line}:${column} ${message}`);
}

test('a minimal file gets its defaults and its units', () => {
  expect(parse(text())).toEqual({
    name: 'late',
    question: 'How late is it?',
    targets: ['ws', 'uws'],
    client: undefined,
    workloads: [
      {
        kind: 'echo',
        connections: 50,
        publishers: 50,
        load: { model: 'open', ratePerSecond: 20, arrivals: 'constant' },
        payload: { sizeBytes: 128, type: 'text' },
        phases: { warmupMs: 1000, measureMs: 3000, drainMs: 1000 },
        connect: { ratePerSecond: 2000, timeoutMs: 10_000 },
      },
    ],
    trials: 3,
    seed: undefined,
    runners: undefined,
  });
});

test('one connection publishes in a broadcast unless the file says otherwise', () => {
  expect(parse(text({ 2: 'kind: broadcast' })).workloads[0]?.publishers).toBe(1);
  expect(parse(text({ 2: 'kind: broadcast' }, 'publishers: 7')).workloads[0]?.publishers).toBe(7);
});

test('the line for the editor is not the question, and a file may have none', () => {
  expect(parse(text({ 1: '# yaml-language-server: $schema=x\n# Why?' })).question).toBe('Why?');
  expect(parse(text({ 1: '' }, '# too late')).question).toBe('');
});

test('a sweep multiplies workloads in the order of the file, the last parameter fastest', () => {
  const { workloads } = parse(text({}, 'sweep: { size: [64B, 1KiB], connections: [10, 20] }'));
  expect(workloads.map(({ payload, connections, publishers }) => [payload.sizeBytes, connections, publishers])).toEqual(
    [
      [64, 10, 10],
      [64, 20, 20],
      [1024, 10, 10],
      [1024, 20, 20],
    ],
  );
});

test('an unknown key is told the nearest one, where it stands', () => {
  expect(complaints(text({}, 'conections: 3'))).toEqual(['8:1 conections: unknown key; did you mean connections?']);
});

test('a key in the wrong place is told where it belongs', () => {
  expect(complaints(text({}, 'warmup: 1s'))).toEqual(['8:1 warmup: unknown key here; it belongs under phases']);
  expect(complaints(text({ 6: 'payload: { size: 128B, trials: 3 }' }))).toEqual([
    '6:24 payload.trials: unknown key here; it belongs at the top level',
  ]);
});

test('a missing key points at the map that lacks it', () => {
  expect(complaints(text({ 5: 'load: { model: open }' }))).toEqual(['5:7 load.rate: missing; write rate: 20/s']);
  expect(complaints(text({ 4: '' }))).toEqual(['2:1 connections: missing; write connections: 500']);
});

test('an unknown kind, model, arrival or target is told the nearest one', () => {
  expect(complaints(text({ 2: 'kind: brodcast' }))).toEqual([
    '2:7 kind: "brodcast" is unknown; did you mean broadcast?',
  ]);
  expect(complaints(text({ 5: 'load: { model: opne, rate: 20/s }' }))).toEqual([
    '5:16 load.model: "opne" is unknown; did you mean open?',
  ]);
  expect(complaints(text({ 5: 'load: { model: open, rate: 20/s, arrivals: poison }' }))).toEqual([
    '5:44 load.arrivals: "poison" is unknown; did you mean poisson?',
  ]);
  expect(complaints(text({ 3: 'targets: [ws, socketoi]' }))).toEqual([
    '3:15 targets[1]: there is no target "socketoi"; did you mean socketio?',
  ]);
});

test('a bare number, a negative rate and a wrong unit say what to write', () => {
  expect(complaints(text({ 5: 'load: { model: open, rate: 20 }' }))[0]).toContain('write 20/s');
  expect(complaints(text({ 5: 'load: { model: open, rate: -20/s }' }))[0]).toMatch(/^5:28 load\.rate: .*negative/);
  expect(complaints(text({ 5: 'load: { model: open, rate: -20 }' }))[0]).toMatch(/^5:28 load\.rate: .*negative/);
  expect(complaints(text({ 6: 'payload: { size: 4KB }' }))[0]).toContain('write 4KiB');
});

test('a payload must hold its header and fit the largest message', () => {
  expect(complaints(text({ 6: 'payload: { size: 3B }' }))).toEqual([
    `6:18 payload.size: 3B is too small; at least ${headerBytes}B, because every message carries a header of that size`,
  ]);
  expect(complaints(text({ 6: 'payload: { size: 2MiB }' }))[0]).toMatch(
    /^6:18 payload\.size: 2MiB is too large; at most 1MiB/,
  );
});

test('figures outside their bounds are told the bound', () => {
  expect(complaints(text({ 4: 'connections: 100001' }))).toEqual([
    '4:14 connections: 100001 is too large; at most 100000',
  ]);
  expect(complaints(text({ 4: 'connections: 0' }))).toEqual(['4:14 connections: 0 is too small; at least 1']);
  expect(complaints(text({ 4: 'connections: 1.5' }))[0]).toContain('whole number');
  expect(complaints(text({ 7: 'phases: { warmup: 0s, measure: 50ms, drain: 6m }' }))).toEqual([
    '7:32 phases.measure: 50ms is too small; at least 100ms, because a shorter window holds too few messages',
    '7:45 phases.drain: 6m is too large; at most 5m',
  ]);
});

test('each load model refuses the keys and sweeps of the other', () => {
  expect(complaints(text({ 5: 'load: { model: closed, inflight: 1, rate: 20/s }' }))).toEqual([
    '5:37 load.rate: a closed loop has no rate: remove it or use model: open',
  ]);
  expect(complaints(text({ 5: 'load: { model: open, rate: 20/s, inflight: 1 }' }))).toEqual([
    '5:34 load.inflight: an open loop has no inflight: remove it or use model: closed',
  ]);
  expect(complaints(text({}, 'sweep: { inflight: [1, 2] }'))).toEqual([
    '8:20 sweep.inflight: an open loop has no inflight: remove it or use model: closed',
  ]);
});

test('more publishers than connections are refused, swept ones included', () => {
  expect(complaints(text({}, 'publishers: 51'))[0]).toMatch(/^8:13 publishers: .* at most 50$/);
  expect(complaints(text({}, 'publishers: 20', 'sweep: { connections: [10, 100] }'))[0]).toMatch(
    /^8:13 .* at most 10$/,
  );
  expect(complaints(text({}, 'sweep: { publishers: [1, 60] }'))[0]).toMatch(/^8:26 sweep\.publishers\[1\]: /);
});

test('a sweep of more than 64 workloads, an empty one and a repeated value are refused', () => {
  const tens = '[1, 2, 3, 4, 5, 6, 7, 8, 9]';
  expect(
    complaints(text({}, `sweep: { connections: ${tens}, size: [64B, 65B, 66B, 67B, 68B, 69B, 70B, 71B] }`))[0],
  ).toMatch(/^8:8 sweep: multiplies to 72 workloads/);
  expect(complaints(text({}, 'sweep: { size: [] }'))[0]).toMatch(/^8:16 sweep\.size: the list is empty/);
  expect(complaints(text({}, 'sweep: { size: [1KiB, 1024B] }'))).toEqual([
    '8:23 sweep.size[1]: given twice in this list; keep one',
  ]);
});

test('a rate that would overflow the sequence numbers of a sender is refused', () => {
  const hour = { 2: 'kind: broadcast', 7: 'phases: { warmup: 1s, measure: 60m, drain: 1s }' };
  expect(complaints(text({ ...hour, 5: 'load: { model: open, rate: 300000/s }' }))[0]).toMatch(
    /^5:28 load\.rate: 300000\/s by 1 publisher for .* add publishers$/,
  );
  expect(parse(text({ ...hour, 5: 'load: { model: open, rate: 300000/s }' }, 'publishers: 2')).workloads).toHaveLength(
    1,
  );
});

test('all problems of a file are reported at once, in the order of the file', () => {
  const wrong = text(
    { 2: 'kind: ecko', 3: 'targets: [wss]', 6: 'payload: { size: 3B }' },
    'publishers: 60',
    'trails: 1',
  );
  expect(complaints(wrong).map((complaint) => complaint.split(' ')[0])).toEqual(['2:7', '3:11', '6:18', '8:13', '9:1']);
});

test('a problem is shown as file, line, column and message', () => {
  expect(problems(text({ 4: 'connections: 0' })).map(formatProblem)).toEqual([
    'scenarios/late.yaml:4:14: connections: 0 is too small; at least 1',
  ]);
});

test('a scenario needs a file name that can name a folder', () => {
  for (const file of ['.yaml', 'x/...yaml'])
    expect(parseScenario(text(), file, targets)).toEqual({
      problems: [{ file, line: 1, column: 1, message: 'the file needs a name before .yaml' }],
    });
});
