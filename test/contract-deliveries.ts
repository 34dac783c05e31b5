/** What the contract says of deliveries, for one server of one kind and one client: shared by the suites that prove it. */

import { expect, it } from 'vitest';
import type { Client, ClientFactory, ClientSetup, Connection } from '../dist/core/client.js';
import { isAcknowledged, isPushed, isShared, type Kind, kinds, uses } from '../dist/core/kind.js';
import { blankMessage, headerBytes, type PayloadType, writeHeader } from '../dist/core/payload/message.js';
import { roomOf, roomsOf } from '../dist/core/share.js';
import { maxPayloadBytes, type Running, type Target } from '../dist/core/target.js';
import { monotonicClock } from '../dist/runners/machine/monotonic-clock.js';
import { host, untilAllIsPassedOn } from './contract-member.js';
import { lagUs, Recorder } from './contract-recorder.js';

/** Their libraries ping who is silent, and nobody at set times. */
export const pingsAfterSilence = new Set(['uWebSockets.js', 'bun', 'deno']);
const clock = monotonicClock();
/** Two rooms of two, where there are rooms, with one publisher in each. */
export const everyone = [0, 1, 2, 3];
const publishers = [0, 1];
const rooms = 2;
const payloadTypes: readonly PayloadType[] = ['text', 'binary'];

interface Deliveries {
  readonly sizeBytes: number;
  readonly messages: number;
}

/** The smallest that there is, one with a 16-bit length on the wire, one with a 64-bit length. */
const workloads: readonly Deliveries[] = [
  { sizeBytes: headerBytes, messages: 50 },
  { sizeBytes: 200, messages: 50 },
  { sizeBytes: 70_000, messages: 5 },
];
/** More than the kernel takes at once: what is left waits with the server while the bytes are reused. */
const backlog = { sizeBytes: maxPayloadBytes, messages: 6 };

/** A server that pushes is the one sender, number 0. */
function sendersOf(kind: Kind): number[] {
  return isPushed(kind) ? [0] : publishers;
}

function audienceOf(kind: Kind, sender: number): number[] {
  if (!isShared(kind)) return [sender];
  const count = roomsOf({ kind, rooms });
  const members = everyone.filter((receiver) => roomOf(receiver, count) === roomOf(sender, count));
  return kinds[kind].audience === 'others' ? members.filter((receiver) => receiver !== sender) : members;
}

export function setupFor(
  target: Target,
  kind: Kind,
  port: number,
  type: PayloadType,
  inbox: Recorder,
  sizeBytes: number,
) {
  const { protocol, transport } = target;
  const payload = { sizeBytes, type };
  const patience = { connectTimeoutMs: 10_000, ackTimeoutMs: 10_000, mayStayOnPolling: false, recovers: false };
  return { protocol, transport, kind, port, payload, ...patience, inbox, clock } satisfies ClientSetup;
}

export async function openAll(
  client: Client,
  kind: Kind,
  receivers: readonly number[] = everyone,
): Promise<Connection[]> {
  const roomFor = (receiver: number) => (uses(kind, 'rooms') ? roomOf(receiver, rooms) : undefined);
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
export function sendAll(connections: readonly Connection[], from: number, to: number): void {
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
export function proveDeliveries(target: Target, kind: Kind, factory: ClientFactory, running: () => Running): void {
  for (const type of payloadTypes)
    for (const deliveries of isPushed(kind) ? [...workloads, backlog] : workloads)
      proveThat(target, kind, factory, running, type, deliveries);
}

/** The same for short messages of text, which is all that some servers of known behaviour understand. */
export function proveShortTexts(target: Target, kind: Kind, factory: ClientFactory, running: () => Running): void {
  for (const sizeBytes of [headerBytes, 64, 200])
    proveThat(target, kind, factory, running, 'text', { sizeBytes, messages: 50 });
}

function proveThat(
  target: Target,
  kind: Kind,
  factory: ClientFactory,
  running: () => Running,
  type: PayloadType,
  { sizeBytes, messages }: Deliveries,
): void {
  it(`delivers what it owes, once, in order, intact: ${factory.name} client, ${type}, ${sizeBytes} bytes`, async () => {
    const recorder = new Recorder(isAcknowledged(kind) ? headerBytes : sizeBytes, everyone.length);
    const setup = setupFor(target, kind, running().port, type, recorder, sizeBytes);
    if (isShared(kind) && !isPushed(kind)) await untilAllIsPassedOn(target, running().port);
    const connections = await openAll(factory.create(setup), kind);
    const send = (from: number, to: number) =>
      isPushed(kind) ? pushAll(running(), type, sizeBytes, from, to) : sendAll(connections, from, to);

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
