/** Proves what each kind of work takes from a scenario file, what it cannot do without and what it has no use for. */

import { expect, test } from 'vitest';
import { headerBytes } from '../dist/core/payload/message.js';
import { parseScenario } from '../dist/core/scenario/scenario-file.js';
import type { Overrides } from '../dist/core/scenario/schema.js';
import type { Workload } from '../dist/core/scenario.js';
import { describeTarget, loadTarget } from '../dist/runners/server/load-target.js';

const common = `targets: [ws]
connections: 100
phases: { warmup: 1s, measure: 3s, drain: 1s }
`;
const load = 'load: { model: open, rate: 20/s }\n';
const payload = 'payload: { size: 64B }\n';
/** The least that a file of each kind must say. */
const least = {
  echo: `kind: echo\n${common}${load}${payload}`,
  ack: `kind: ack\n${common}${load}${payload}`,
  broadcast: `kind: broadcast\n${common}${load}${payload}`,
  room: `kind: room\n${common}${load}${payload}rooms: 20\n`,
  presence: `kind: presence\n${common}${load}${payload}rooms: 20\n`,
  push: `kind: push\n${common}${load}${payload}`,
  connect: `kind: connect\n${common}load: { model: open, rate: 50/s }\n${payload}`,
  idle: `kind: idle\n${common}`,
} as const;
type Name = keyof typeof least;

function scenarioOf(text: string, overrides: Overrides = {}) {
  const parsed = parseScenario(text, 'x.yaml', ['ws'], overrides);
  expect(parsed).not.toHaveProperty('problems');
  if ('problems' in parsed) throw new Error('no scenario');
  return parsed.scenario;
}

function workloadOf(kind: Name, more = '', overrides: Overrides = {}): Workload {
  return scenarioOf(least[kind] + more, overrides).workloads[0]!;
}

/** `line:column message` of each problem. */
function complaints(text: string, overrides: Overrides = {}): string[] {
  const parsed = parseScenario(text, 'x.yaml', ['ws'], overrides);
  return 'problems' in parsed
    ? parsed.problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
    : ['none'];
}

/** Of one line added to the least file of a kind. */
function complaint(kind: Name, line: string): string {
  return complaints(`${least[kind]}${line}\n`).join('\n');
}

test('who sends when the file does not say follows from the kind', () => {
  const publishers = Object.keys(least).map((kind) => [kind, workloadOf(kind as Name).publishers]);
  expect(Object.fromEntries(publishers)).toEqual({
    echo: 100,
    ack: 100,
    broadcast: 1,
    room: 100,
    presence: 1,
    push: 0,
    connect: 100,
    idle: 0,
  });
});

test('nobody sends anything while connections are idle', () => {
  expect(workloadOf('idle', 'heartbeat: 2s\n')).toMatchObject({
    load: { model: 'none' },
    payload: { sizeBytes: headerBytes, type: 'text' },
    heartbeatMs: 2000,
  });
});

test('an acknowledgement is waited for a second unless the file says otherwise, and nothing else waits', () => {
  expect(workloadOf('ack').ackTimeoutMs).toBe(1000);
  expect(workloadOf('ack', 'ack: {}\n').ackTimeoutMs).toBe(1000);
  expect(workloadOf('ack', 'ack: { timeout: 200ms }\n').ackTimeoutMs).toBe(200);
  expect(workloadOf('echo').ackTimeoutMs).toBeUndefined();
});

test('slow readers are a number or a share of the connections, at least one', () => {
  const slow = (text: string, connections = 100) =>
    workloadOf('broadcast', `slowReaders: ${text}\n`, { connections }).slowReaders;
  expect([slow('7'), slow('10%'), slow('12.5 %'), slow('1%', 20), slow('10%', 55)]).toEqual([7, 10, 13, 1, 6]);
});

test('visitors, an outage and a proxy arrive in the workload with their units resolved', () => {
  expect(workloadOf('room', 'visitors: { rate: 600/min, stay: 1s }\n')).toMatchObject({
    rooms: 20,
    visitors: { ratePerSecond: 10, stayMs: 1000 },
  });
  expect(workloadOf('push', 'outage: { how: restart, after: 500ms }\n').outage).toEqual({
    how: 'restart',
    afterMs: 500,
    recovery: false,
  });
  expect(workloadOf('push', 'outage: { how: reset, after: 0s, recovery: true }\n').outage?.recovery).toBe(true);
  expect(workloadOf('echo', 'blocking: swallow\n').blocking).toBe('swallow');
});

test('rooms, proxies and outages can be swept', () => {
  const { workloads } = scenarioOf(`${least.room.replace('rooms: 20\n', '')}sweep: { rooms: [1, 10, 100] }\n`);
  expect(workloads.map(({ rooms }) => rooms)).toEqual([1, 10, 100]);
  const proxies = scenarioOf(`${least.echo}sweep: { blocking: [refuse, swallow, cut] }\n`).workloads;
  expect(proxies.map(({ blocking }) => blocking)).toEqual(['refuse', 'swallow', 'cut']);
  const outages = scenarioOf(
    `${least.push}outage: { how: reset, after: 1s, recovery: true }\nsweep: { outage: [reset, restart] }\n`,
  ).workloads;
  expect(outages.map(({ outage }) => outage)).toEqual([
    { how: 'reset', afterMs: 1000, recovery: true },
    { how: 'restart', afterMs: 1000, recovery: true },
  ]);
});

test('an outage that is swept must be described', () => {
  expect(complaint('push', 'sweep: { outage: [reset, restart] }')).toBe(
    '7:18 sweep.outage: there is no outage to vary; write outage: { how: reset, after: 1s } as well',
  );
});

test.each<[Name, string, string]>([
  ['echo', 'rooms: 5', 'rooms: kind echo has no use for rooms: remove it or use kind: room or presence'],
  ['broadcast', 'rooms: 5', 'rooms: kind broadcast has no use for rooms: remove it or use kind: room or presence'],
  ['echo', 'ack: { timeout: 1s }', 'ack: kind echo has no use for ack: remove it or use kind: ack'],
  [
    'push',
    'slowReaders: 10%',
    'slowReaders: kind push has no use for slowReaders: remove it or use kind: broadcast or room',
  ],
  ['broadcast', 'visitors: { rate: 1/s, stay: 1s }', 'visitors: kind broadcast has no use for visitors'],
  ['ack', 'blocking: cut', 'blocking: kind ack has no use for blocking: remove it or use kind: echo'],
  [
    'echo',
    'outage: { how: reset, after: 1s }',
    'outage: kind echo has no use for outage: remove it or use kind: broadcast, room, push or idle',
  ],
  ['push', 'heartbeat: 2s', 'heartbeat: kind push has no use for heartbeat: remove it or use kind: idle'],
  [
    'push',
    'publishers: 1',
    'publishers: kind push has no use for publishers: remove it or use kind: echo, ack, broadcast, room or presence',
  ],
  ['connect', 'publishers: 1', 'publishers: kind connect has no use for publishers'],
  ['idle', 'publishers: 1', 'publishers: kind idle has no use for publishers'],
  ['idle', load, 'load: kind idle has no use for load'],
  ['idle', payload, 'payload: kind idle has no use for payload'],
  ['idle', 'sweep: { size: [64B, 128B] }', 'sweep.size: kind idle has no use for size'],
  ['idle', 'sweep: { rate: [1/s, 2/s] }', 'sweep.rate: kind idle has no use for rate'],
  ['echo', 'sweep: { rooms: [1, 2] }', 'sweep.rooms: kind echo has no use for rooms'],
  ['push', 'sweep: { blocking: [cut] }', 'sweep.blocking: kind push has no use for blocking'],
  ['push', 'sweep: { publishers: [1] }', 'sweep.publishers: kind push has no use for publishers'],
])('kind %s refuses what it has no use for: %s', (kind, line, message) => {
  const found = complaint(kind, line.trimEnd());
  expect(found).toContain(message);
  expect(found.split('\n')).toHaveLength(1);
});

test.each<[Name, string, string]>([
  ['echo', load, '1:1 load: missing; write load: { model: open, rate: 20/s }'],
  ['push', payload, '1:1 payload: missing; write payload: { size: 128B }'],
  ['room', 'rooms: 20\n', '1:1 rooms: missing; write rooms: 10'],
  ['presence', 'rooms: 20\n', '1:1 rooms: missing; write rooms: 10'],
])('kind %s cannot do without %s', (kind, line, message) => {
  expect(complaints(least[kind].replace(line, ''))).toEqual([message]);
});

test('a load that is wrong by itself is not called missing', () => {
  expect(complaints(least.echo.replace(load, 'load: { model: opne, rate: 20/s }\n'))).toHaveLength(1);
  expect(complaints(least.echo.replace(load, 'load:\n'))[0]).toMatch(/load: empty; write load: /);
});

test('what follows a schedule cannot wait for answers', () => {
  const closed = (kind: Name) => complaints(least[kind].replace(/load:.*/, 'load: { model: closed, inflight: 1 }'));
  expect(closed('push')).toEqual([
    '5:16 load.model: kind push follows a schedule and waits for no answer: use model: open',
  ]);
  expect(closed('connect')[0]).toContain('kind connect follows a schedule');
  expect(closed('presence')[0]).toContain('kind presence follows a schedule');
  expect(complaints(least.push, { inflight: 4 })).toEqual([
    '1:1 --inflight 4: kind push follows a schedule and waits for no answer: use model: open',
  ]);
});

test('a flag for messages that nobody sends is named', () => {
  expect(complaints(least.idle, { ratePerSecond: 5 })[0]).toMatch(/^1:1 --rate 5\/s: kind idle has no use for load/);
  expect(complaints(least.idle, { sizeBytes: 64 })[0]).toMatch(/^1:1 --size 64B: kind idle has no use for payload/);
});

test.each<[Name, string, RegExp]>([
  ['broadcast', 'slowReaders: 0', /slowReaders: 0 is too small; at least 1$/],
  ['broadcast', 'slowReaders: 1.5', /slowReaders: 1\.5 is not a whole number/],
  ['broadcast', 'slowReaders: 100%', /slowReaders: 100% is too large; at most 99\.9%$/],
  ['broadcast', 'slowReaders: 0%', /slowReaders: 0% is too small; at least 0\.1%$/],
  ['broadcast', 'slowReaders: many', /slowReaders: "many" is not a share; write it like 10%$/],
  ['broadcast', 'slowReaders: -5%', /slowReaders: "-5%" is not a share/],
  ['broadcast', 'slowReaders: [1]', /slowReaders: must be a whole number or a share such as 10%, not a list/],
  ['broadcast', 'slowReaders:', /slowReaders: empty; write slowReaders: 10%$/],
  ['echo', 'blocking: refused', /blocking: "refused" is unknown; did you mean refuse\?$/],
  ['push', 'outage: { how: rest, after: 1s }', /outage\.how: "rest" is unknown; did you mean reset\?$/],
  ['push', 'outage: { how: reset }', /outage\.after: missing; write after: 1s$/],
  ['push', 'outage: reset', /outage: must be a map, not "reset"/],
  ['push', 'outage: { how: reset, after: 1s, recovery: yes }', /outage\.recovery: must be true or false, not "yes"/],
  ['room', 'visitors: { rate: 10, stay: 1s }', /visitors\.rate: 10 has no unit; write 10\/s/],
  ['room', 'visitors: { rate: 10/s }', /visitors\.stay: missing; write stay: 500ms$/],
  ['ack', 'ack: { timeout: 1ms }', /ack\.timeout: 1ms is too small; at least 10ms$/],
  ['ack', 'ack: { timeuot: 1s }', /ack\.timeuot: unknown key; did you mean timeout\?$/],
  ['idle', 'heartbeat: 100ms', /heartbeat: 100ms is too small; at least 1s, because/],
  ['echo', 'after: 1s', /after: unknown key here; it belongs under outage$/],
])('kind %s is told what is wrong with %s', (kind, line, message) => {
  expect(complaint(kind, line)).toMatch(message);
});

test('there must be a member for every room, swept ones included', () => {
  const message = 'every room needs a member, so 101 rooms for 100 connections are too many; at most 100';
  expect(complaints(least.room.replace('rooms: 20', 'rooms: 101'))).toEqual([`7:8 rooms: ${message}`]);
  expect(complaint('room', 'sweep: { rooms: [1, 101] }')).toBe(`8:21 sweep.rooms[1]: ${message}`);
  expect(complaint('room', 'sweep: { connections: [10, 100] }')).toMatch(/^7:8 rooms: .* at most 10$/);
});

test('slow readers do not send', () => {
  expect(complaint('broadcast', 'publishers: 91\nslowReaders: 10%')).toBe(
    '8:14 slowReaders: slow readers do not send, and 10 of them with 91 that publish are more than 100 connections; ' +
      'lower one of them',
  );
  expect(complaint('broadcast', 'slowReaders: 99')).toBe('none');
  expect(complaint('room', 'slowReaders: 1')).toMatch(/1 of them with 100 that publish/);
  expect(complaint('broadcast', 'slowReaders: 5\nsweep: { connections: [100, 5] }')).toMatch(/more than 5 connections/);
});

test('a storm must be over when it is no longer measured', () => {
  const storm = (connections: number, more = '') =>
    complaints(least.connect.replace('connections: 100', `connections: ${connections}`) + more);
  expect(storm(200)).toEqual(['none']);
  expect(storm(201)).toEqual([
    '5:28 load.rate: opening 201 connections at 50/s takes 4020ms, and warm-up and measurement last 4s; raise the rate, ' +
      'ask for fewer connections or lengthen phases.measure',
  ]);
  expect(storm(100, 'sweep: { rate: [50/s, 20/s] }\n')[0]).toMatch(/^7:23 sweep\.rate\[1\]: .* takes 5s/);
  expect(complaints(least.connect, { connections: 500 })[0]).toMatch(/^1:1 --connections 500: opening 500/);
});

test('a storm at random times needs time for the latest', () => {
  const poisson = (connections: number) =>
    complaints(
      least.connect.replace('rate: 50/s', 'rate: 50/s, arrivals: poisson').replace('100', String(connections)),
    );
  expect(poisson(100)).toEqual(['none']);
  expect(poisson(101)[0]).toMatch(/takes up to 4040ms/);
});

test('an outage must strike within the measured window', () => {
  expect(complaint('push', 'outage: { how: reset, after: 2999ms }')).toBe('none');
  expect(complaint('push', 'outage: { how: reset, after: 3s }')).toBe(
    '7:30 outage.after: must lie within the measured window, and 3s is not before its end at 3s; write less, or lengthen ' +
      'phases.measure',
  );
  expect(complaints(`${least.push}outage: { how: reset, after: 1s }`, { measureMs: 500 })[0]).toMatch(
    /^1:1 --duration 500ms: must lie within/,
  );
});

test('the drain lasts until the last acknowledgement has timed out', () => {
  expect(complaint('ack', 'ack: { timeout: 2s }')).toMatch(
    /^7:17 ack\.timeout: an acknowledgement is waited for 2s .* drain of 1s cuts short/,
  );
  expect(complaints(least.ack.replace('drain: 1s', 'drain: 500ms'))[0]).toMatch(
    /^4:43 phases\.drain: an acknowledgement is waited for 1s \(ack\.timeout\)/,
  );
});

test('the server that sends is one sender', () => {
  expect(complaints(least.push.replace('rate: 20/s', 'rate: 10000000/s').replace('3s', '10m'))[0]).toMatch(
    /^5:28 load\.rate: 10000000\/s by the server for .*; lower the rate or shorten the phases$/,
  );
});

test('only a ladder with steps can stop', () => {
  const sweep = 'sweep: { connections: [10, 20] }\n';
  expect(scenarioOf(`${least.broadcast}stopAbove: { p95: 500ms }\n${sweep}`).stopAboveP95Us).toBe(500_000);
  expect(scenarioOf(least.broadcast).stopAboveP95Us).toBeUndefined();
  expect(complaint('broadcast', 'stopAbove: { p95: 500ms }')).toMatch(/^7:12 stopAbove: only a ladder stops/);
  expect(complaint('broadcast', 'stopAbove: { p95: 500ms }\nsweep: { connections: [10] }')).toMatch(/only a ladder/);
  expect(complaint('idle', `stopAbove: { p95: 500ms }\n${sweep}`)).toMatch(/kind idle has no use for stopAbove/);
});

const known = ['ws', 'socketio-cluster'];
const told = new Map(
  await Promise.all(known.map(async (name) => [name, describeTarget(name, await loadTarget(name))] as const)),
);
const kill = 'outage: { how: process, after: 1s }\n';

/** Of a file for a server of several processes, with a part of it replaced. */
function killComplaint([part, instead]: readonly [string, string], overrides: Overrides = {}): string {
  const text = `${least.broadcast}${kill}`
    .replace('targets: [ws]', 'targets: [socketio-cluster]')
    .replace(part, instead);
  const parsed = parseScenario(text, 'x.yaml', known, overrides, { describe: (name) => told.get(name) });
  const problems = 'problems' in parsed ? parsed.problems : [];
  return problems.map(({ line, column, message }) => `${line}:${column} ${message}`).join('\n');
}

test('one process is killed of a server of several that is broadcast to', () => {
  expect(killComplaint(['', ''])).toBe('');
  expect(killComplaint(['how: process', 'how: reset'])).toMatch(/^7:16 outage\.how: cuts off all .*; use how: process/);
});

test('one process is killed of a server with rooms, or that only holds connections', () => {
  expect(killComplaint(['kind: broadcast', 'rooms: 5\nkind: room'])).toBe('');
  const ofIdle = (more: string, target: string): string => {
    const text = `${least.idle}${more}`.replace('[ws]', `[${target}]`);
    const parsed = parseScenario(text, 'x.yaml', known, {}, { describe: (name) => told.get(name) });
    const problems = 'problems' in parsed ? parsed.problems : [];
    return problems.map(({ line, column, message }) => `${line}:${column} ${message}`).join('\n');
  };
  expect(ofIdle(kill, 'socketio-cluster')).toBe('');
  expect(ofIdle(kill, 'ws')).toMatch(/^2:11 targets\[0\]: ws serves from one process/);
  expect(ofIdle(kill.replace('process', 'reset'), 'socketio-cluster')).toMatch(
    /^\d:16 outage\.how: cuts off all idle connections, which is for a server of your own; use how: process/,
  );
});

test.each<[string, readonly [string, string], RegExp]>([
  [
    'of a server of one process',
    ['[socketio-cluster]', '[socketio-cluster, ws]'],
    /^2:29 targets\[1\]: ws serves from one process, and none .* such as socketio-cluster or ws-redis/,
  ],
  [
    'of a cluster of one',
    ['[socketio-cluster]', '[{ use: socketio-cluster, processes: 1 }]'],
    /^2:\d+ targets\[0\]\.processes: none would be left .*; write processes: 2, or more$/,
  ],
  [
    'while the server pushes',
    ['kind: broadcast', 'kind: push'],
    /^7:16 outage\.how: no server .*; use kind: broadcast/,
  ],
  [
    'beside visitors',
    ['kind: broadcast', 'rooms: 5\nvisitors: { rate: 5/s, stay: 1s }\nkind: room'],
    /^2:11 visitors: nobody counts which visitors .*; remove them$/,
  ],
  [
    'with recovery of sessions',
    ['after: 1s }', 'after: 1s, recovery: true }'],
    /^7:46 outage\.recovery: a process that is killed \(SIGKILL\) .*; remove it$/,
  ],
  [
    'in a closed loop',
    ['open, rate: 20/s', 'closed, inflight: 1'],
    /^5:16 load\.model: a publisher .*; write load: { model: open/,
  ],
  [
    'beside slow readers',
    ['kind: broadcast', 'slowReaders: 5\nkind: broadcast'],
    /^1:14 slowReaders: who does not read .*; remove it$/,
  ],
  [
    'at the end of the window',
    ['after: 1s', 'after: 2600ms'],
    /^7:32 outage\.after: the load must go on for 500ms after .*; write less/,
  ],
  [
    'among other outages',
    [kill, `${kill}sweep: { outage: [restart, process] }\n`],
    /^8:19 sweep\.outage\[0\]: cuts off all/,
  ],
])('a process cannot be killed %s', (_, change, message) => {
  expect(killComplaint(change)).toMatch(message);
});

test('--target is named where it asks for a server of one process', () => {
  expect(killComplaint(['', ''], { targets: ['ws'] })).toMatch(/^1:1 --target ws: ws serves from one process/);
});

test('a process of a server of one’s own is not known', () => {
  const own = `kind: broadcast\nendpoint: { url: "http://localhost:3000" }\nexchange: { audience: all, send: { emit: message, args: ["{{message}}"] } }\n`;
  expect(complaints(`${own}${common.replace('targets: [ws]\n', '')}${load}${payload}${kill}`)).toEqual([
    expect.stringMatching(/outage\.how: bench does not know which processes your own server has; remove the outage/),
  ]);
});
