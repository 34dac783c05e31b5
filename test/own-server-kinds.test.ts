/**
 * What a user's own server can be asked besides messages to rooms: each kind of work end to end, and what is refused. Clients do
 * not know of kinds but for acknowledgements: each client once, and both of Socket.IO where they acknowledge.
 */

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientName } from '../dist/core/client.js';
import { asIfAlone, temporaryFolder } from './bench-command.js';
import { benchHere } from './bench-in-process.js';
import {
  clientsOf,
  countsOf,
  endOwnServers,
  exchanges,
  expectMeasured,
  faultless,
  faultlessAlone,
  fixture,
  inRooms,
  inRoomsWithLoss,
  members,
  rooms,
  runOwn,
  startOwnServer,
} from './own-servers.js';

let chat: number;
beforeAll(async () => {
  chat = await startOwnServer('chat');
});
afterAll(endOwnServers);

const short = `phases: { warmup: 0s, measure: 300ms, drain: 1s }
trials: 1
`;
/** Beside other tests a server may have no core for a second. The drain ends as soon as everything is there. */
const patient = short.replace('drain: 1s', 'drain: 5s');
const even = 'load: { model: open, rate: 100/s }\npayload: { size: 64B }\n';
const chatAt = (port: number): string =>
  `endpoint: { url: "http://localhost:${port}/chat", label: chat, auth: { token: "t-{{index}}" } }\n`;
const alone = 'join: [{ emit: join, args: [{ room: "room-{{index}}" }], ack: true }]';
const say = 'emit: "chat message", args: [{ text: "{{message}}" }]';

describe('pushes of a server of one’s own', () => {
  it('are timed one way by its time stamps and counted', async () => {
    const port = await startOwnServer('chat', { TICK_MS: '20' });
    const run = await runOwn(
      `kind: push
${chatAt(port)}exchange: { receive: { event: tick, sentAt: "$.ts" } }
connections: 5
${short}`,
      ['--client', 'library'],
    );
    expectMeasured(run);
    const [trial] = run.trials;
    expect(trial?.counts).toMatchObject({ ...faultlessAlone, sent: 0 });
    expect(trial?.counts.delivered).toBeGreaterThan(0);
    expect(trial?.counts.delivered).toBeLessThanOrEqual((await countsOf(port)).sent);
    expect(trial?.latencyUs.service.count).toBe(trial?.measured.delivered);
    expect(trial?.pushGapUs?.p50).toBeGreaterThan(0);
    expect(trial?.doubts).toContainEqual({ code: 'coarse-stamps', stepUs: 1000 });
    const { stdout } = await benchHere(['compare', run.path, run.path], temporaryFolder());
    for (const metric of ['CPU per delivery', 'p50', 'p99', 'throughput']) expect(stdout).toContain(`\n${metric} `);
  });

  it('are counted without time stamps, and where these are deep in a message of WebSocket', async () => {
    const port = await startOwnServer('relay', { TICK_MS: '20' });
    const push = (exchange: string, client: ClientName) =>
      runOwn(
        `kind: push
endpoint: { url: "ws://localhost:${port}/relay?token=t-1", subprotocols: [chat.v1] }
exchange: ${exchange}
connections: 5
${short}`,
        ['--client', client],
      );
    const counted = await push('{}', 'undici');
    const timed = await push('{ receive: { sentAt: "$.at.ts" } }', 'wire');
    for (const run of [counted, timed]) {
      expectMeasured(run);
      expect(run.trials[0]?.measured.delivered).toBeGreaterThan(0);
    }
    expect(counted.trials[0]?.latencyUs.service.count).toBe(0);
    expect(timed.trials[0]?.latencyUs.service.count).toBe(timed.trials[0]?.measured.delivered);
    const { stderr } = await push('{ receive: { sentAt: "$.at.ts", unit: s } }', 'wire');
    expect(stderr.replace(/\s+/g, ' ')).toMatch(
      /nothing that is to be counted was pushed .*a message without a time stamp of this minute in s there: .*check exchange\.receive\.sentAt and its unit/,
    );
  });
});

describe('guests of a server of one’s own', () => {
  const text = (name: string) => `kind: presence
${chatAt(chat)}exchange:
  join: [{ emit: join, args: [{ room: "room-{{room}}", name: "u{{index}}" }], ack: true }]
  send: { emit: join, args: [{ room: "room-{{room}}", name: ${name} }] }
  receive: { event: presence }
rooms: 3
connections: 12
publishers: 3
load: { model: open, rate: 30/s }
payload: { size: 64B }
${patient}`;

  it('are told to each member of their room by the server, as the client counts', async () => {
    const before = await countsOf(chat);
    const run = await runOwn(text('"{{message}}"'), ['--client', 'wire']);
    expectMeasured(run);
    const [{ counts, latencyUs } = { counts: undefined, latencyUs: undefined }] = run.trials;
    expect(counts).toMatchObject({ ...faultless, delivered: (counts?.sent ?? 0) * members });
    expect(counts?.sent).toBeGreaterThan(0);
    expect(latencyUs?.last?.count).toBeGreaterThan(0);
    // The members, each guest, and one of both who tried before.
    expect(await countsOf(chat, before)).toMatchObject({ joined: 12 + (counts?.sent ?? 0) + 2 });
  });

  it('whose notices do not repeat what they say cannot be told apart, which is said', async () => {
    const { code, stderr } = await runOwn(text('"guest", secret: "{{message}}"'));
    expect(code).toBe(2);
    expect(stderr.replace(/\s+/g, ' ')).toMatch(/did not come back .*the notice has to repeat what the guest says/);
  });
});

describe('a server of one’s own', () => {
  it.each(clientsOf.chat)(
    'acknowledges messages, and is told of where it refuses some, by the %s client',
    async (client) => {
      const port = await startOwnServer('chat', { REFUSE_EVERY: '3' });
      const run = await runOwn(
        `kind: ack
${chatAt(port)}exchange:
  ${alone}
  send: { ${say}, ack: true }
connections: 5
${even}${patient}ack: { timeout: 3s }
`,
        ['--client', client],
      );
      expectMeasured(run);
      const [trial] = run.trials;
      expect(trial?.counts).toMatchObject({ ...faultlessAlone, delivered: trial?.counts.sent });
      const { received } = await countsOf(port);
      expect(trial?.counts.sent).toBe(received - 1);
      // The first message, by which the server was looked at, is none of the trial.
      const refused = Math.floor(received / 3);
      const [stored, error] = ['acknowledged with {stored}', 'acknowledged with {error}'];
      expect(trial?.counts.others).toMatchObject({ [stored]: received - 1 - refused, [error]: refused });
      const differ = { differing: refused, answers: received - 1, held: '{error}', usual: '{stored}' };
      expect(trial?.doubts).toContainEqual({ code: 'answers-differ', ...differ });
      const { stdout } = await benchHere(['report', asIfAlone(run.path)], temporaryFolder());
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
        `${refused} of ${received - 1} acknowledgements held {error}, where the others held {stored}`,
      );
      const { stdout: details } = await benchHere(['report', run.path, '--details'], temporaryFolder());
      expect(details).not.toMatch(/sent besides[^.]*acknowledged with /);
    },
  );

  it('takes a storm of connections, each with its first message, and holds them idle', async () => {
    const exchange = `${chatAt(chat)}exchange: { ${alone}, send: { ${say} }, receive: { event: "chat message" } }\n`;
    const storm = await runOwn(
      `kind: connect\n${exchange}connections: 30\nload: { model: open, rate: 200/s }\npayload: { size: 64B }\n${patient}`,
    );
    expectMeasured(storm);
    expect(storm.trials[0]?.counts).toMatchObject({ ...faultlessAlone, delivered: 30 });
    expect(storm.trials[0]?.connectUs['message']?.p50).toBeGreaterThan(0);
    const idle = await runOwn(`kind: idle\n${chatAt(chat)}connections: 30\n${short}`);
    expectMeasured(idle);
    expect(idle.trials[0]?.holding).toBeDefined();
  });

  it('has slow readers, and visitors who are further users', async () => {
    const before = await countsOf(chat);
    const run = await runOwn(
      `${exchanges.chat(chat)}${inRooms.replace('300ms', '500ms')}slowReaders: 3
publishers: 3
visitors: { rate: 20/s, stay: 100ms }
`,
    );
    expectMeasured(run);
    const [{ counts, slowReaders, visits } = { counts: undefined, slowReaders: undefined, visits: undefined }] =
      run.trials;
    expect(counts).toMatchObject({ ...faultless, delivered: (counts?.sent ?? 0) * members });
    expect(slowReaders).toMatchObject({ readers: 3, owed: slowReaders?.delivered });
    expect(visits?.made).toBeGreaterThan(0);
    // Those who tried before are none of the visitors.
    const joined = 1 + rooms * members + (visits?.made ?? 0);
    expect(await countsOf(chat, before)).toMatchObject({ joined });
  });

  it('climbs the steps of a ladder, and keeps gates or does not', async () => {
    const port = await startOwnServer('relay', { FAULT: 'drop', FAULT_EVERY: '5' });
    const gates = ['delivered = 100%', 'delivered >= 70%'];
    const run = await runOwn(
      `${exchanges.relay(port)}${inRoomsWithLoss}stopAbove: { p95: 10s }
sweep: { connections: [6, 12] }
gates: ${JSON.stringify(gates)}
`,
      ['--client', 'undici'],
    );
    // A gate is not judged by trials that were disturbed.
    expect([1, 3], run.stdout).toContain(run.code);
    expect(run.trials.map(({ connections }) => connections)).toEqual([6, 12]);
    for (const { connections, counts } of run.trials) {
      expect(counts).toMatchObject({ ...faultless, lost: counts.owed - counts.delivered });
      expect(counts.owed).toBe(counts.sent * (connections / rooms));
      expect(counts.lost).toBeGreaterThan(0);
    }
    const { code, stdout } = await benchHere(['gate', asIfAlone(run.path)], temporaryFolder());
    expect(code, stdout).toBe(1);
    expect(stdout).toMatch(/: delivered = 100% failed/);
    expect(stdout).not.toMatch(/: delivered >= 70% failed/);
  });

  it('is come back to after a reset, with every step of joining', async () => {
    const before = await countsOf(chat);
    const run = await runOwn(
      `kind: idle
${chatAt(chat)}exchange: { ${alone} }
outage: { how: reset, after: 100ms }
connections: 10
phases: { warmup: 0s, measure: 3s, drain: 500ms }
trials: 1
`,
      ['--client', 'library'],
    );
    expectMeasured(run);
    expect(run.trials[0]?.reconnection).toMatchObject({ cutOff: 10, reconnected: 10 });
    // The one that tried before, all, and all again.
    expect(await countsOf(chat, before)).toMatchObject({ joined: 21 });
  });

  it('is ended and started again where bench starts it', async () => {
    const run = await runOwn(
      `kind: idle
${chatAt(3987)}exchange: { ${alone} }
outage: { how: restart, after: 100ms }
connections: 10
phases: { warmup: 0s, measure: 4s, drain: 4s }
trials: 1
`,
      ['--start', `node ${join(fixture('chat'))}`],
    );
    expectMeasured(run);
    expect(run.trials[0]?.reconnection?.cutOff).toBe(10);
    // How many of them depends on how soon the server is back.
    expect(run.trials[0]?.reconnection?.reconnected).toBeGreaterThan(0);
  });
});

const ticking = 'exchange: { receive: { event: tick } }\nconnections: 5\n';

it.each([
  [
    'push that sends',
    'kind: push',
    `exchange: { send: { ${say} } }\nconnections: 5\n`,
    /exchange\.send: the server sends unasked/,
  ],
  ['push with a load', 'kind: push', `${ticking}${even}`, /load: your own server decides that; remove it/],
  [
    'push without anything to count',
    'kind: push',
    'connections: 5\n',
    /exchange: missing; write what is to be counted/,
  ],
  [
    'push with a unit alone',
    'kind: push',
    'exchange: { receive: { unit: s } }\nconnections: 5\n',
    /is the unit of sentAt/,
  ],
  ['push that is owed', 'kind: push', 'exchange: { audience: all }\nconnections: 5\n', /nothing is owed to anybody/],
  [
    'a time stamp that is nowhere',
    'kind: push',
    'exchange: { receive: { sentAt: ts } }\nconnections: 5\n',
    /is no path to a time stamp/,
  ],
  [
    'a time stamp of an echo',
    'kind: echo',
    `exchange: { send: { ${say} }, receive: { sentAt: "$.ts" } }\nconnections: 5\n${even}`,
    /is of kind push; kind echo has the times of sending in its messages/,
  ],
  [
    'recovery',
    'kind: push',
    `${ticking}outage: { how: reset, after: 0s, recovery: true }\n`,
    /outage\.recovery: what was missed/,
  ],
  [
    'a restart by nobody',
    'kind: push',
    `${ticking}outage: { how: restart, after: 0s }\n`,
    /takes one that bench starts: give --start/,
  ],
  ['a heartbeat', 'kind: idle', 'heartbeat: 5s\nconnections: 5\n', /your server pings as often as it does/],
  [
    'blocking',
    'kind: echo',
    `exchange: { send: { ${say} } }\nblocking: refuse\nconnections: 5\n${even}`,
    /bench puts a proxy only before servers of its own/,
  ],
  [
    'a binary attachment',
    'kind: echo',
    `exchange: { send: { emit: a, args: [{ "$binary": "{{message}}" }] } }\nconnections: 5\n${even}`,
    /asks for a binary attachment, which bench does not send; write text/,
  ],
  [
    'presence without what guests say',
    'kind: presence',
    `exchange: {}\nrooms: 1\nconnections: 5\n${even}`,
    /what a guest says as it comes/,
  ],
] as const)('%s is refused at a server of one’s own, with the reason', async (_, kind, rest, said) => {
  const { code, stderr } = await runOwn(`${kind}\n${chatAt(1)}${rest}${short}`);
  expect(stderr.replace(/\s+/g, ' ')).toMatch(said);
  expect(code).toBe(2);
});
