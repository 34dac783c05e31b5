/** What opening a connection costs on the wire: round trips as the protocols have them, bytes as the server counts them. */

import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { ClientFactory } from '../dist/core/client.js';
import type { StageCost } from '../dist/core/stored-value.js';
import type { Transport } from '../dist/core/target.js';
import { loadClients } from '../dist/runners/client-catalogue.js';
import socketioLibrary from '../dist/runners/clients/socketio-library.js';
import socketioWire from '../dist/runners/clients/socketio-wire.js';
import wsLibrary from '../dist/runners/clients/ws-library.js';
import wsWire from '../dist/runners/clients/ws-wire.js';
import { clientOf } from './fixtures/noting-client.js';
import { agree, openPacket, rawServer, textFrame } from './fixtures/raw-server.js';
import { socketio } from './fixtures/socketio-server.js';
import { websocket } from './fixtures/websocket-server.js';

interface Counted {
  readonly port: number;
  /** TCP connections of the server. */
  readonly tcp: Socket[];
}

async function counted(factory: ClientFactory): Promise<Counted> {
  const tcp: Socket[] = [];
  const note = (socket: Socket): void => void tcp.push(socket);
  const port =
    factory.protocol === 'websocket'
      ? await websocket((_server, http) => http.on('connection', note))
      : await socketio((io) => io.httpServer.on('connection', note));
  return { port, tcp };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const nothing: StageCost = { roundTrips: 1, bytesIn: 0, bytesOut: 0 };

const each = (await loadClients()).flatMap((factory) =>
  factory.transports.map((transport): [string, ClientFactory, Transport] => [
    `${factory.protocol} ${factory.name} client over ${transport}`,
    factory,
    transport,
  ]),
);

describe('the costs of opening', () => {
  it.each<[string, ClientFactory, Record<string, number>]>([
    ['the wire client for WebSocket', wsWire, { tcp: 1, websocket: 2, ready: 2 }],
    ['ws', wsLibrary, { tcp: 1, websocket: 2, ready: 2 }],
    // The server speaks first: its open packet costs no round trip of its own.
    ['the wire client for Socket.IO', socketioWire, { tcp: 1, websocket: 2, engineio: 2, socketio: 3, ready: 3 }],
    ['socket.io-client over WebSocket', socketioLibrary, { tcp: 1, engineio: 2, socketio: 3, ready: 3 }],
  ])('are the round trips of the protocol and the bytes of the server: %s', async (_, factory, roundTrips) => {
    const { port, tcp } = await counted(factory);
    const { costs } = await clientOf(factory, port).open();
    expect(Object.fromEntries(Object.entries(costs).map(([stage, cost]) => [stage, cost.roundTrips]))).toEqual(
      roundTrips,
    );
    expect(costs.tcp).toEqual(nothing);
    expect(tcp).toHaveLength(1);
    expect(costs.ready).toMatchObject({ bytesIn: tcp[0]!.bytesWritten, bytesOut: tcp[0]!.bytesRead });
  });

  it('of long-polling are a round trip for each answer and for each TCP connection, not for a poll that waits', async () => {
    const { port, tcp } = await counted(socketioLibrary);
    const { costs } = await clientOf(socketioLibrary, port, { transport: 'polling' }).open();
    // A TCP connection and the handshake over it.
    expect(costs.engineio).toMatchObject({ roundTrips: 2 });
    // The request to connect and its answer, and the poll that tells of it; a connection more for each not kept alive.
    expect(costs.socketio?.roundTrips).toBe(3 + tcp.length);
    expect(costs.socketio?.bytesIn).toBe(sum(tcp.map(({ bytesWritten }) => bytesWritten)));
    expect(costs.ready).toEqual(costs.socketio);
  });

  it('of an upgrade come on top of those of long-polling', async () => {
    const { port } = await counted(socketioLibrary);
    const { costs } = await clientOf(socketioLibrary, port, { transport: 'upgrade' }).open();
    const { socketio, upgrade, ready } = costs;
    expect(ready).toEqual(upgrade);
    // The handshake of the WebSocket, and the probe over it.
    expect(upgrade!.roundTrips).toBeGreaterThanOrEqual(costs.engineio!.roundTrips + 2);
    expect(upgrade!.roundTrips).toBeGreaterThanOrEqual(socketio!.roundTrips);
    expect(upgrade!.bytesIn).toBeGreaterThan(costs.engineio!.bytesIn);
    expect(upgrade!.bytesOut).toBeGreaterThan(costs.engineio!.bytesOut);
  });

  it.each([
    ['the wire client', wsWire],
    ['ws', wsLibrary],
  ])('are one round trip for an answer in many pieces: %s', async (_, factory) => {
    const port = await rawServer(async (socket, key) => {
      socket.setNoDelay(true);
      for (const byte of Buffer.from(agree(key))) {
        socket.write(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    const { costs } = await clientOf(factory, port).open();
    expect(costs.websocket?.roundTrips).toBe(2);
  });

  it('do not grow by what comes unasked, and grow by what is answered', async () => {
    const port = await rawServer(async (socket, key) => {
      socket.write(agree(key));
      await new Promise((resolve) => setTimeout(resolve, 10));
      socket.write(textFrame('6'));
      await new Promise((resolve) => setTimeout(resolve, 10));
      socket.write(textFrame('2'));
      // Its pong is a write of the client, so what follows closes a round trip.
      socket.once('data', () => {
        socket.write(textFrame(openPacket()));
        socket.once('data', () => socket.write(textFrame('40{"sid":"a"}')));
      });
    });
    const { costs } = await clientOf(socketioWire, port).open();
    expect(costs.websocket?.roundTrips).toBe(2);
    expect(costs.engineio?.roundTrips).toBe(3);
    expect(costs.socketio?.roundTrips).toBe(4);
  });

  it.each(each)('are told for every stage: %s', async (_, factory, transport) => {
    const { port } = await counted(factory);
    const { stagesUs, costs } = await clientOf(factory, port, { transport }).open();
    expect(Object.keys(costs).sort()).toEqual(Object.keys(stagesUs).sort());
    expect(stagesUs.ready).toBe(Math.max(...Object.values(stagesUs)));
  });
});
