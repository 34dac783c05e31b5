/** The wire contract: every target, every client that speaks to it, every kind of work, text and binary. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientFactory, ClientSetup, Connection, Inbox, PayloadType } from '../dist/core/client.js';
import { type Kind, kindNames } from '../dist/core/kind.js';
import { blankMessage, Header, headerBytes, paddingIntact, readHeader } from '../dist/core/message.js';
import type { Running, Target } from '../dist/core/target.js';
import { loadClients } from '../dist/runners/client-catalogue.js';
import { monotonicClock } from '../dist/runners/monotonic-clock.js';
import { loadTarget, targetNames } from '../dist/runners/target-catalogue.js';

const host = '127.0.0.1';
const clock = monotonicClock();
const connectionCount = 3;
const publishers = [0, 1];
const payloadTypes: readonly PayloadType[] = ['text', 'binary'];
/** The smallest that there is, one with a 16-bit length on the wire, one with a 64-bit length. */
const workloads = [
  { sizeBytes: headerBytes, messages: 50 },
  { sizeBytes: 200, messages: 50 },
  { sizeBytes: 70_000, messages: 5 },
];

const receiversOf: Record<Kind, (sender: number) => number[]> = {
  echo: (sender) => [sender],
  broadcast: () => Array.from({ length: connectionCount }, (_, receiver) => receiver),
};

/** Keeps what arrives as `sender:sequence` by receiver, and everything else as complaints. */
class Recorder implements Inbox {
  readonly delivered: string[][] = Array.from({ length: connectionCount }, () => []);
  readonly complaints: string[] = [];
  readonly closedReceivers = new Set<number>();
  readonly #blank: Uint8Array;
  readonly #header = new Header();
  #wake = () => {};

  constructor(sizeBytes: number) {
    this.#blank = blankMessage(sizeBytes);
  }

  message(receiver: number, bytes: Uint8Array, start: number, end: number, receivedUs: number): boolean {
    const isIntact =
      end - start === this.#blank.length &&
      readHeader(bytes, start, this.#header) &&
      paddingIntact(bytes, start, this.#blank);
    if (!isIntact) this.complaints.push(`corrupted at ${receiver}`);
    const { sender, sequence, dueUs, sentUs, measured } = this.#header;
    if (!measured || sentUs !== dueUs + 7) this.complaints.push('header fields lost');
    if (receivedUs < sentUs) this.complaints.push('received before it was sent');
    this.delivered[receiver]!.push(`${sender}:${sequence}`);
    this.#wake();
    return isIntact;
  }
  endOfRead(): void {}
  error(receiver: number, errorClass: string): void {
    this.complaints.push(`${errorClass} at ${receiver}`);
    this.#wake();
  }
  closed(receiver: number, code: number): void {
    if (this.closedReceivers.has(receiver)) this.complaints.push(`closed twice at ${receiver}`);
    if (!Number.isInteger(code)) this.complaints.push(`close code ${code}`);
    this.closedReceivers.add(receiver);
    this.#wake();
  }

  /** Resolves when `done` holds, at the first complaint or after long silence: the assertion that follows tells. */
  until(done: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const giveUp = setTimeout(resolve, 10_000);
      this.#wake = () => {
        if (!done() && this.complaints.length === 0) return;
        clearTimeout(giveUp);
        resolve();
      };
      this.#wake();
    });
  }
}

function setupFor(target: Target, kind: Kind, port: number, type: PayloadType, recorder: Recorder, sizeBytes: number) {
  const { protocol, transport } = target;
  const payload = { sizeBytes, type };
  return { protocol, transport, kind, port, payload, connectTimeoutMs: 10_000, inbox: recorder, clock };
}

async function openAll(factory: ClientFactory, setup: ClientSetup): Promise<Connection[]> {
  const client = factory.create(setup);
  const opened = await Promise.all(Array.from({ length: connectionCount }, (_, i) => client.open(i, host)));
  for (const { stagesUs } of opened) expect(stagesUs.ready).toBe(Math.max(...Object.values(stagesUs)));
  return opened.map(({ connection }) => connection);
}

/** Sends sequence numbers `from` to `to` (exclusive) from every publisher, all in flight at once. */
function sendAll(connections: readonly Connection[], from: number, to: number): void {
  for (let sequence = from; sequence < to; sequence++)
    for (const sender of publishers) {
      const dueUs = Math.floor(clock.nowUs()) - 7;
      expect(connections[sender]!.send(sender, sequence, dueUs, dueUs + 7, true)).toBe(true);
    }
  for (const sender of publishers) connections[sender]!.flush();
}

/** Deliveries owed to `receiver` from `sender` for sequence numbers below `count`, in order. */
function owed(kind: Kind, receiver: number, sender: number, count: number): string[] {
  if (!receiversOf[kind](sender).includes(receiver)) return [];
  return Array.from({ length: count }, (_, sequence) => `${sender}:${sequence}`);
}

function expectOwed(kind: Kind, recorder: Recorder, count: number): void {
  expect(recorder.complaints).toEqual([]);
  for (const [receiver, arrived] of recorder.delivered.entries()) {
    for (const sender of publishers)
      expect(arrived.filter((it) => it.startsWith(`${sender}:`))).toEqual(owed(kind, receiver, sender, count));
    expect(arrived).toHaveLength(publishers.flatMap((sender) => owed(kind, receiver, sender, count)).length);
  }
}

function owedTotal(kind: Kind, count: number): number {
  return count * publishers.flatMap((sender) => receiversOf[kind](sender)).length;
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

    for (const kind of kindNames)
      describe.skipIf(reason !== undefined)(kind, () => {
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

        for (const factory of able)
          for (const type of payloadTypes)
            for (const { sizeBytes, messages } of workloads)
              it(`delivers what it owes, once, in order, intact: ${factory.name} client, ${type}, ${sizeBytes} bytes`, async () => {
                const recorder = new Recorder(sizeBytes);
                const setup = setupFor(target, kind, running.port, type, recorder, sizeBytes);
                const connections = await openAll(factory, setup);
                const total = () => recorder.delivered.flat().length;

                sendAll(connections, 0, messages);
                await recorder.until(() => total() >= owedTotal(kind, messages));
                // One more round: a delivery too many would have overtaken it.
                sendAll(connections, messages, messages + 1);
                await recorder.until(() => total() >= owedTotal(kind, messages + 1));

                expectOwed(kind, recorder, messages + 1);
                for (const connection of connections) connection.close();
                expect(connections[0]!.send(0, 0, 0, 0, true)).toBe(false);
              });
      });

    for (const factory of able)
      it.skipIf(reason !== undefined)(`closes at once with open connections: ${factory.name} client`, async () => {
        const recorder = new Recorder(headerBytes);
        const running = await target.start({ kind: 'echo', host, port: 0 });
        const setup = setupFor(target, 'echo', running.port, 'text', recorder, headerBytes);
        const connections = await openAll(factory, setup);

        connections[0]!.close();
        await running.close();
        await recorder.until(() => recorder.closedReceivers.size >= connectionCount - 1);

        expect(recorder.complaints).toEqual([]);
        expect([...recorder.closedReceivers].sort()).toEqual([1, 2]);
        expect(connections[1]!.send(1, 0, 0, 0, true)).toBe(false);
        await expect(once(connect(running.port, host), 'connect')).rejects.toThrow('ECONNREFUSED');
      });
  });
}
