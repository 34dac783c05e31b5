/** The wire contract: every target, every client that speaks to it, every kind of work, text and binary. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client, ClientFactory, ClientSetup, Connection, PayloadType } from '../dist/core/client.js';
import { type Kind, kindNames, kinds, usualKinds } from '../dist/core/kind.js';
import { blankMessage, headerBytes, writeHeader } from '../dist/core/message.js';
import { roomOf, roomsOf } from '../dist/core/room.js';
import { maxPayloadBytes } from '../dist/core/settings.js';
import type { Running, Target } from '../dist/core/target.js';
import { loadClients } from '../dist/runners/client-catalogue.js';
import { monotonicClock } from '../dist/runners/monotonic-clock.js';
import { loadTarget, targetNames } from '../dist/runners/target-catalogue.js';
import { lagUs, Recorder } from './contract-recorder.js';

const host = '127.0.0.1';
const clock = monotonicClock();
/** Two rooms of two, where there are rooms, with one publisher in each. */
const everyone = [0, 1, 2, 3];
const publishers = [0, 1];
const rooms = 2;
const payloadTypes: readonly PayloadType[] = ['text', 'binary'];
/** The smallest that there is, one with a 16-bit length on the wire, one with a 64-bit length. */
const workloads = [
  { sizeBytes: headerBytes, messages: 50 },
  { sizeBytes: 200, messages: 50 },
  { sizeBytes: 70_000, messages: 5 },
];
/** More than the kernel takes at once: what is left waits with the server while the bytes are reused. */
const backlog = { sizeBytes: maxPayloadBytes, messages: 6 };

/** A server that pushes is the one sender, number 0. */
function sendersOf(kind: Kind): number[] {
  return kinds[kind].sends === 'server' ? [0] : publishers;
}

function audienceOf(kind: Kind, sender: number): number[] {
  if (kinds[kind].audience === 'sender') return [sender];
  const count = roomsOf({ kind, rooms });
  return everyone.filter((receiver) => roomOf(receiver, count) === roomOf(sender, count));
}

function setupFor(target: Target, kind: Kind, port: number, type: PayloadType, inbox: Recorder, sizeBytes: number) {
  const { protocol, transport } = target;
  const payload = { sizeBytes, type };
  const patience = { connectTimeoutMs: 10_000, ackTimeoutMs: 10_000, mayStayOnPolling: false, recovers: false };
  return { protocol, transport, kind, port, payload, ...patience, inbox, clock } satisfies ClientSetup;
}

async function openAll(client: Client, kind: Kind, receivers: readonly number[] = everyone): Promise<Connection[]> {
  const roomFor = (receiver: number) => (kind === 'room' ? roomOf(receiver, rooms) : undefined);
  const opened = await Promise.all(receivers.map((it) => client.open(it, host, roomFor(it))));
  for (const { stagesUs, costs } of opened) {
    expect(stagesUs.ready).toBe(Math.max(...Object.values(stagesUs)));
    expect(Object.keys(costs).toSorted()).toEqual(Object.keys(stagesUs).toSorted());
  }
  return opened.map(({ connection }) => connection);
}

function dueNowUs(): number {
  return Math.floor(clock.nowUs()) - lagUs;
}

/** Sends sequence numbers `from` to `to` (exclusive) from every publisher, all in flight at once. */
function sendAll(connections: readonly Connection[], from: number, to: number): void {
  for (let sequence = from; sequence < to; sequence++)
    for (const sender of publishers) {
      const dueUs = dueNowUs();
      expect(connections[sender]!.send(sender, sequence, dueUs, dueUs + lagUs, true)).toBe(true);
    }
  for (const sender of publishers) connections[sender]!.flush();
}

/** Has the server send sequence numbers `from` to `to` (exclusive), all in the same bytes, and spoils them in the end. */
function pushAll(running: Running, type: PayloadType, sizeBytes: number, from: number, to: number): void {
  const message = blankMessage(sizeBytes);
  for (let sequence = from; sequence < to; sequence++) {
    const dueUs = dueNowUs();
    writeHeader(message, 0, 0, 0, sequence, dueUs, dueUs + lagUs, true);
    running.push!(message, type);
  }
  message.fill(0);
}

/** Deliveries owed to `receiver` from `sender` for sequence numbers below `count`, in order. */
function owed(kind: Kind, receiver: number, sender: number, count: number): string[] {
  if (!audienceOf(kind, sender).includes(receiver)) return [];
  return Array.from({ length: count }, (_, sequence) => `${sender}:${sequence}`);
}

function expectOwed(kind: Kind, recorder: Recorder, count: number): void {
  expect(recorder.complaints).toEqual([]);
  for (const [receiver, arrived] of recorder.delivered.entries()) {
    for (const sender of sendersOf(kind))
      expect(arrived.filter((it) => it.startsWith(`${sender}:`))).toEqual(owed(kind, receiver, sender, count));
    expect(arrived).toHaveLength(sendersOf(kind).flatMap((sender) => owed(kind, receiver, sender, count)).length);
  }
}

function owedTotal(kind: Kind, count: number): number {
  return count * sendersOf(kind).flatMap((sender) => audienceOf(kind, sender)).length;
}

/** Every message of a test of deliveries comes from clients or, for push, from the server. */
function proveDeliveries(target: Target, kind: Kind, factory: ClientFactory, running: () => Running): void {
  for (const type of payloadTypes)
    for (const { sizeBytes, messages } of kinds[kind].sends === 'server' ? [...workloads, backlog] : workloads)
      it(`delivers what it owes, once, in order, intact: ${factory.name} client, ${type}, ${sizeBytes} bytes`, async () => {
        const recorder = new Recorder(kind === 'ack' ? headerBytes : sizeBytes, everyone.length);
        const setup = setupFor(target, kind, running().port, type, recorder, sizeBytes);
        const connections = await openAll(factory.create(setup), kind);
        const send = (from: number, to: number) =>
          kinds[kind].sends === 'server'
            ? pushAll(running(), type, sizeBytes, from, to)
            : sendAll(connections, from, to);

        send(0, messages);
        await recorder.until(() => recorder.total >= owedTotal(kind, messages));
        // One more round: a delivery too many would have overtaken it.
        send(messages, messages + 1);
        await recorder.until(() => recorder.total >= owedTotal(kind, messages + 1));

        expectOwed(kind, recorder, messages + 1);
        for (const connection of connections) connection.close();
        expect(connections[0]!.send(0, 0, 0, 0, true)).toBe(false);
      });
}

function proveSilence(target: Target, kind: Kind, factory: ClientFactory, running: () => Running): void {
  it(`holds connections and answers nothing: ${factory.name} client`, async () => {
    const { port } = running();
    const newcomer = everyone.length;
    const recorder = new Recorder(headerBytes, everyone.length + 1);
    const client = factory.create(setupFor(target, kind, port, 'text', recorder, headerBytes));
    const connections = await openAll(client, kind);

    sendAll(connections, 0, 1);
    // Time enough for an answer: meanwhile the server accepts another connection and serves another request.
    for (const connection of await openAll(client, kind, [newcomer])) connection.close();
    expect((await fetch(`http://${host}:${port}/health`)).status).toBe(200);

    expect(recorder.total).toBe(0);
    expect(recorder.complaints).toEqual([]);
    expect(recorder.closedReceivers.size).toBe(0);
    for (const connection of connections) connection.close();
  });
}

const clients = await loadClients();
/** What `bench init` writes keeps the contract as our own servers do. */
const templates = ['templates/ws-server.js', 'templates/socketio-server.js'];

for (const name of [...targetNames(), ...templates]) {
  const target = await loadTarget(name);
  const reason = target.unavailable?.();
  const able = clients.filter((it) => it.protocol === target.protocol && it.transports.includes(target.transport));

  describe(reason === undefined ? name : `${name} (skipped: ${reason})`, () => {
    it.skipIf(reason !== undefined)('has at least one client', () => expect(able).not.toEqual([]));

    for (const kind of kindNames) {
      const isServed = (target.kinds ?? usualKinds).includes(kind);
      describe.skipIf(reason !== undefined || !isServed)(isServed ? kind : `${kind} (skipped: not served)`, () => {
        let running: Running;
        beforeAll(async () => {
          running = await target.start({ kind, host, port: 0 });
        });
        afterAll(() => running.close());

        it('answers GET /health on its own port, and 404 elsewhere', async () => {
          const health = await fetch(`http://${host}:${running.port}/health`);
          expect([health.status, await health.text()]).toEqual([200, 'ok']);
          expect((await fetch(`http://${host}:${running.port}/elsewhere`)).status).toBe(404);
        });

        const prove = kinds[kind].sends === 'nobody' ? proveSilence : proveDeliveries;
        for (const factory of able) prove(target, kind, factory, () => running);
      });
    }

    for (const factory of able)
      it.skipIf(reason !== undefined)(`closes at once with open connections: ${factory.name} client`, async () => {
        const recorder = new Recorder(headerBytes, everyone.length);
        const running = await target.start({ kind: 'echo', host, port: 0 });
        const setup = setupFor(target, 'echo', running.port, 'text', recorder, headerBytes);
        const connections = await openAll(factory.create(setup), 'echo');

        connections[0]!.close();
        await running.close();
        await recorder.until(() => recorder.closedReceivers.size >= everyone.length - 1);

        expect(recorder.complaints).toEqual([]);
        expect([...recorder.closedReceivers].sort()).toEqual([1, 2, 3]);
        expect(connections[1]!.send(1, 0, 0, 0, true)).toBe(false);
        await expect(once(connect(running.port, host), 'connect')).rejects.toThrow('ECONNREFUSED');
      });
  });
}
