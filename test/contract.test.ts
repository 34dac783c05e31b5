/** The wire contract: every target, every client that speaks to it, every kind of work, text and binary. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientFactory } from '../dist/core/client.js';
import { isSilent, type Kind, kindNames, usualKinds } from '../dist/core/kind.js';
import { headerBytes } from '../dist/core/payload/message.js';
import { type Running, settings, type Target } from '../dist/core/target.js';
import { loadClients } from '../dist/runners/client-catalogue.js';
import { loadTarget } from '../dist/runners/server/load-target.js';
import { targetNames } from '../dist/runners/target-catalogue.js';
import type { ReplicatedTarget } from '../dist/targets/several/replicas.js';
import { everyone, openAll, pingsAfterSilence, proveDeliveries, sendAll, setupFor } from './contract-deliveries.js';
import { host } from './contract-member.js';
import { Recorder } from './contract-recorder.js';
import { proveRooms } from './contract-rooms.js';
import { ReplicaHosts } from './fixtures/replica-hosts.js';

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

/** Of our own servers, which record what is agreed. */
function proveSettings(target: Target, running: () => Running): void {
  it('records each agreed setting, the usual heartbeat, and no recovery that it was not asked for', () => {
    const recorded = running().settings;
    expect(Object.keys(recorded)).toEqual(expect.arrayContaining(Object.keys(settings)));
    expect(recorded).toMatchObject({ compression: false, maxBackpressureBytes: 0 });
    const usual = pingsAfterSilence.has(target.library) ? /^only after [\d.]+ s/ : /^25000$/;
    expect(String(recorded['heartbeatMs'])).toMatch(usual);
    if (target.protocol === 'websocket') expect(recorded).not.toHaveProperty('connectionStateRecovery');
  });

  it('refuses a port that is in use', async () => {
    const { port } = running();
    await expect(target.start({ kind: 'echo', host, port })).rejects.toThrow(/EADDRINUSE|in use/i);
  });
}

/** To be the last, as it ends the server. */
function proveClosing(
  target: Target,
  able: readonly ClientFactory[],
  running: () => Running,
  close: () => Promise<void>,
): void {
  it('closes at once with open connections of each client', async () => {
    const { port } = running();
    const opened = able.map(async (factory) => {
      const recorder = new Recorder(headerBytes, everyone.length);
      const setup = setupFor(target, 'echo', port, 'text', recorder, headerBytes);
      return { recorder, connections: await openAll(factory.create(setup), 'echo') };
    });
    const all = await Promise.all(opened);

    for (const { connections } of all) connections[0]!.close();
    await close();

    for (const { recorder, connections } of all) {
      await recorder.until(() => recorder.closedReceivers.size >= everyone.length - 1);
      expect(recorder.complaints).toEqual([]);
      expect([...recorder.closedReceivers].sort()).toEqual([1, 2, 3]);
      expect(connections[1]!.send(1, 0, 0, 0, true)).toBe(false);
    }
    await expect(once(connect(port, host), 'connect')).rejects.toThrow('ECONNREFUSED');
  });
}

const clients = await loadClients();
/** What `bench init` writes keeps the contract as our own servers do. */
const templates = ['templates/ws-server.mjs', 'templates/socketio-server.mjs'];

const hosts = new ReplicaHosts();
afterAll(() => hosts.end());

/** What starts replicas starts those of an echo; of other kinds they are the same programs, in processes that all share. */
function startOf(target: Target | ReplicatedTarget, kind: Kind): Promise<Running> {
  // What is given as undefined was not asked for.
  const request = { kind, host, port: 0, heartbeatMs: undefined };
  return kind !== 'echo' && 'replica' in target ? hosts.start(target.replica, request) : target.start(request);
}

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
          running = await startOf(target, kind);
        });
        let closed: Promise<void> | undefined;
        const close = (): Promise<void> => (closed ??= running.close());
        afterAll(close);

        it('answers GET /health on its own port, and 404 elsewhere', async () => {
          const health = await fetch(`http://${host}:${running.port}/health`);
          expect([health.status, await health.text()]).toEqual([200, 'ok']);
          expect((await fetch(`http://${host}:${running.port}/elsewhere`)).status).toBe(404);
        });

        const prove = isSilent(kind) ? proveSilence : proveDeliveries;
        for (const factory of able) prove(target, kind, factory, () => running);
        proveRooms(target, kind, () => running);
        if (kind !== 'echo') return;
        if (!templates.includes(name)) proveSettings(target, () => running);
        proveClosing(target, able, () => running, close);
      });
    }
  });
}
