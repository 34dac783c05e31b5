import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientName } from '../dist/core/client.js';
import { byteLayers } from '../dist/core/layers/layers.js';
import { unitsOf } from '../dist/core/layers/stream-layers.js';
import type { PayloadType } from '../dist/core/payload/message.js';
import type { Workload } from '../dist/core/scenario.js';
import { split } from '../dist/core/share.js';
import type { Protocol, Transport } from '../dist/core/target.js';
import type { TargetOptions } from '../dist/core/variant/target-options.js';
import { makeCertificate, trustIn } from '../dist/runners/certificate.js';
import { type Conversation, converse, type Wire } from '../dist/runners/conversation/conversation.js';
import { monotonicClock } from '../dist/runners/machine/monotonic-clock.js';
import { ServerProcess } from '../dist/runners/server/server-process.js';

const host = '127.0.0.1';
const heartbeatMs = 1_000;
const cores = { server: undefined, runners: [], keepAwake: false, description: '' };

const tls = await makeCertificate();
const compression = { thresholdBytes: 100, memLevel: 8 };

interface Row {
  readonly target: string;
  readonly protocol: Protocol;
  readonly transport: Transport;
  readonly client: ClientName;
  readonly options?: TargetOptions;
  readonly heartbeatMs?: number;
}
const websocket = { target: 'ws', protocol: 'websocket', transport: 'websocket', client: 'wire' } as const;
const socketio = {
  target: 'socketio-websocket',
  protocol: 'socketio',
  transport: 'websocket',
  client: 'wire',
} as const;
const rows = {
  ws: websocket,
  'ws +deflate': { ...websocket, options: { compression } },
  'ws +tls': { ...websocket, options: { tls: true } },
  'socketio-websocket': socketio,
  'socketio-websocket +msgpack': { ...socketio, options: { parser: 'msgpack' } },
  'socketio-websocket +deflate in a namespace': { ...socketio, options: { compression, namespace: '/chat' } },
  'socketio-polling': { target: 'socketio-polling', protocol: 'socketio', transport: 'polling', client: 'wire' },
  socketio: { target: 'socketio', protocol: 'socketio', transport: 'upgrade', client: 'wire' },
} as const satisfies Record<string, Row>;
/** On a busy machine one may come between any two messages, so that the others have none. */
const beating = {
  'ws with heartbeats': { ...websocket, heartbeatMs },
  'socketio-websocket with heartbeats': { ...socketio, heartbeatMs },
} as const satisfies Record<string, Row>;
const all: Readonly<Record<keyof typeof rows | keyof typeof beating, Row>> = { ...rows, ...beating };
type Name = keyof typeof all;
const names = Object.keys(rows) as (keyof typeof rows)[];

const servers = new Map<Name, ServerProcess>();
beforeAll(async () => {
  const started = (Object.keys(all) as Name[]).map(async (name) => {
    const { target, options = {}, heartbeatMs: everyMs } = all[name];
    const { tls: secure, nodeFlags: _, ...asked } = options;
    const listen = { target, host, port: 0, alsoListen: [], kind: 'echo', heartbeatMs: everyMs } as const;
    servers.set(name, await ServerProcess.start({ ...asked, ...listen, ...(secure && { tls }) }, cores));
  });
  await Promise.all(started);
});
afterAll(() => Promise.all([...servers.values()].map((server) => server.stop())));

/** Each is had once, for all tests that read it. */
const conversations = new Map<string, Promise<Conversation>>();
function conversation(name: Name, sizeBytes: number, type: PayloadType, waitMs = 0): Promise<Conversation> {
  const key = [name, sizeBytes, type, waitMs].join();
  const known = conversations.get(key) ?? converseWith(name, sizeBytes, type, waitMs);
  conversations.set(key, known);
  return known;
}

async function converseWith(name: Name, sizeBytes: number, type: PayloadType, waitMs: number): Promise<Conversation> {
  const { protocol, transport, client, options = {} } = all[name];
  const workload: Workload = {
    kind: 'echo',
    connections: 1,
    publishers: 1,
    load: { model: 'closed', inflight: 1 },
    payload: { sizeBytes, type },
    phases: { warmupMs: 0, measureMs: 100, drainMs: 100 },
    connect: { ratePerSecond: 1000, timeoutMs: 5_000 },
  };
  const server = { addresses: [host], port: servers.get(name)?.port ?? 0 };
  const trust = options.tls ? trustIn(tls) : undefined;
  const [share] = split({ workload, client, protocol, transport, options, trust, ...server, seed: 1 }, 1);
  if (share === undefined) throw new Error('there is no share');
  return converse(share, monotonicClock(), waitMs);
}

const sumOf = (bytes: Wire['in']): number => byteLayers.reduce((sum, layer) => sum + bytes[layer], 0);

describe('the bytes of a message by layer', () => {
  // The length of a frame is written in another way from 65,536 bytes on, whatever the frame holds.
  const sizes = { text: 70_000, binary: 128 } as const;
  const cases = names.flatMap((name) =>
    (['text', 'binary'] as const).map((type) => [name, type, sizes[type]] as const),
  );

  it.each(cases)('add up to what the sockets carried: %s, %s, %i bytes', async (name, type, size) => {
    const { message } = await conversation(name, size, type);
    for (const way of [message.in, message.out]) {
      expect(sumOf(way)).toBeCloseTo(way.total, 9);
      if (!name.endsWith('+tls')) expect(way.unexplained).toBe(0);
      expect(way.payload).toBe(size);
    }
  });

  it('are for a text event of 128 bytes over Socket.IO what the protocol documents say', async () => {
    const { message } = await conversation('socketio-websocket', 128, 'text');
    // Socket.IO protocol 5: `2["message","…"]`; Engine.IO protocol 4: `4` before it.
    const socketio = '2["message",""]'.length;
    const engineio = '4'.length;
    // RFC 6455, section 5.2: from 126 bytes on the length takes two more, and what a client sends has a key of four.
    const frame = 2 + 2;
    expect(message.in).toMatchObject({ payload: 128, socketio, engineio, websocket: frame, http: 0, deflate: 0 });
    expect(message.out).toMatchObject({ payload: 128, socketio, engineio, websocket: frame + 4, http: 0 });
    expect(message).toMatchObject({ framesIn: 1, framesOut: 1 });
  });

  it('are for a binary event in two frames, the first of which has a placeholder', async () => {
    const { message } = await conversation('socketio-websocket', 128, 'binary');
    const socketio = '51-["message",{"_placeholder":true,"num":0}]'.length;
    expect(message.in).toMatchObject({ payload: 128, socketio, engineio: 1, websocket: 2 + 4 });
    expect(message.framesIn).toBe(2);
  });

  it('are for a packet of MessagePack those that the packet has besides the message', async () => {
    const { message } = await conversation('socketio-websocket +msgpack', 128, 'binary');
    // {type: 2, nsp: '/', data: ['message', <128 bytes>]}: a map of three; the message has two bytes before it.
    const packet = 1 + ('xtype'.length + 1) + ('xnsp'.length + 2) + ('xdata'.length + 1 + 8 + 2);
    expect(message.out).toMatchObject({ payload: 128, engineio: 0 });
    expect(Math.abs(message.out.socketio - packet)).toBeLessThanOrEqual(20);
    expect(message.framesOut).toBe(1);
  });

  it('have what compression saves as a part below 0', async () => {
    const { message } = await conversation('ws +deflate', 70_000, 'text');
    expect(message.out).toMatchObject({ payload: 70_000, websocket: 2 + 2 + 4 });
    expect(message.out.deflate).toBeLessThan(-60_000);
  });

  it('have 22 bytes for each record of TLS, which holds the frame that plain sockets would carry', async () => {
    const [plain, secure] = [await conversation('ws', 128, 'text'), await conversation('ws +tls', 128, 'text')];
    expect(secure.message.out).toMatchObject({ payload: 128, tls: 22, unexplained: plain.message.out.websocket });
    expect(secure.message.in.total).toBe(plain.message.in.total + 22);
  });

  it('have the heads of requests and responses where the transport is long-polling', async () => {
    const { message } = await conversation('socketio-polling', 128, 'text');
    expect(message.out.http).toBeGreaterThan(100);
    expect(message.in.http).toBeGreaterThan(100);
    expect(message.out.websocket + message.in.websocket).toBe(0);
    // A post with its answer, and the poll that brings the echo.
    expect(message).toMatchObject({ framesOut: 2, framesIn: 2 });
  });

  it('are for a heartbeat those of the protocol: a ping one way, a pong the other', async () => {
    const socketio = (await conversation('socketio-websocket with heartbeats', 36, 'text', heartbeatMs)).heartbeat;
    expect(socketio?.in).toMatchObject({ engineio: 1, websocket: 2, total: 3 });
    expect(socketio?.out).toMatchObject({ engineio: 1, websocket: 2 + 4, total: 7 });
    const websocket = (await conversation('ws with heartbeats', 36, 'text', heartbeatMs)).heartbeat;
    expect([websocket?.in.total, websocket?.out.total]).toEqual([2, 6]);
  });
});

describe('a stream that is not what it should be', () => {
  it('is unexplained as far as it cannot be read, and still adds up', () => {
    const stream = Buffer.from(
      'HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n\x81\x05hello\x81\x7f\x00',
      'latin1',
    );
    const units = unitsOf(stream, { protocol: 'websocket', messageBytes: 64 });
    expect(units.map(({ bytes }) => bytes.unexplained)).toEqual([0, 0, 3]);
    expect(units.at(-1)?.endsAt).toBe(stream.length);
  });
});
