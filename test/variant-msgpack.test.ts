/** Socket.IO targets with `parser: msgpack`: packets of MessagePack in binary frames, the same from either client. */

import { decode, encode } from '@msgpack/msgpack';
import * as msgpackParser from 'socket.io-msgpack-parser';
import { describe, expect, it } from 'vitest';
import { isAcknowledged, type Kind } from '../dist/core/kind.js';
import { headerBytes, type PayloadType } from '../dist/core/payload/message.js';
import { parseMsgpackPacket } from '../dist/runners/clients/socketio/socketio-msgpack.js';
import { opcodes } from '../dist/runners/clients/websocket/frame.js';
import { framesIn } from './fixtures/tap.js';
import { intact, meet, type Pair, pairsOf } from './fixtures/variants.js';

const pairs = await pairsOf(['socketio-websocket', 'socketio-uws']);
const kinds: readonly Kind[] = ['echo', 'ack', 'broadcast', 'room'];
const types: readonly PayloadType[] = ['text', 'binary'];
/** With lengths of one, two and four bytes in MessagePack. */
const sizes = [headerBytes, 300, 70_000];
const parser = 'msgpack' as const;

/** Packets of Socket.IO that were seen; whatever was text is of Engine.IO. */
function packetsIn(bytes: Buffer): Record<string, unknown>[] {
  const frames = framesIn(bytes).filter(({ opcode }) => opcode === opcodes.binary || opcode === opcodes.text);
  for (const { payload } of frames.filter(({ opcode }) => opcode === opcodes.text))
    expect(payload.toString()).toMatch(/^(0\{|[236])/);
  return frames
    .filter(({ opcode }) => opcode === opcodes.binary)
    .map(({ payload }) => decode(payload) as Record<string, unknown>);
}

describe.each(pairs)('$name with the $factory.name client', (pair) => {
  it.each(kinds)('has packets of MessagePack on the wire in both directions: %s', async (kind) => {
    for (const type of types)
      for (const sizeBytes of sizes) {
        const payload = { sizeBytes, type };
        const { tap, notes, exchange } = await meet(pair, { kind, parser }, { kind, payload });
        await exchange(3);
        expect(notes.lines, `${type} ${sizeBytes}`).toEqual(intact(3));
        const [connect, ...sent] = packetsIn(tap.up);
        expect(connect).toMatchObject({ type: 0, nsp: '/' });
        expect(sent.map(({ type, nsp }) => [type, nsp])).toEqual([0, 1, 2].map(() => [2, '/']));
        const [connected, ...came] = packetsIn(tap.down);
        expect(connected).toMatchObject({ type: 0, nsp: '/', data: { sid: expect.any(String) } });
        expect(came.map(({ type, id }) => [type, id])).toEqual(
          [0, 1, 2].map((id) => (isAcknowledged(kind) ? [3, id] : [2, undefined])),
        );
      }
  });
});

describe('the packets of the wire client', () => {
  const [wire, library] = ['wire', 'library'].map(
    (client) => pairs.find(({ name, factory }) => name === 'socketio-websocket' && factory.name === client) as Pair,
  );

  it.each(types)('are those of socket.io-client, byte for byte: %s', async (type) => {
    const seen: Buffer[] = [];
    for (const pair of [wire, library]) {
      if (pair === undefined) throw new Error('a client is missing');
      const { tap, exchange } = await meet(pair, { parser }, { payload: { sizeBytes: 200, type } });
      await exchange(1);
      const packet = framesIn(tap.up).findLast(({ opcode }) => opcode === opcodes.binary)?.payload ?? Buffer.alloc(0);
      // The header before the padding tells when it was sent.
      const paddingAt = packet.indexOf('klmnopqr');
      packet.fill(0, paddingAt - headerBytes, paddingAt);
      seen.push(packet);
    }
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]?.length).toBeGreaterThan(200);
  });
});

describe('a packet in an unusual form', () => {
  const read = (packet: unknown) => parseMsgpackPacket(encode(packet));

  it('is read as the parser of Socket.IO writes it', () => {
    const encoder = new msgpackParser.Encoder();
    const written = (packet: object) => Buffer.concat(encoder.encode(packet) as unknown as Buffer[]);
    const event = { type: 2, data: ['message', 'x', { n: 1, list: [] }], id: 70_000, nsp: '/chat' };
    expect(parseMsgpackPacket(written(event))).toEqual({
      type: 'event',
      namespace: '/chat',
      id: 70_000,
      args: ['message', 'x', { n: 1, list: [] }],
      attachments: 0,
    });
    expect(parseMsgpackPacket(written({ type: 0, data: { sid: 'a', pid: undefined }, nsp: '/' }))).toMatchObject({
      type: 'connect',
      data: { sid: 'a' },
    });
    expect(parseMsgpackPacket(written({ type: 4, data: { message: 'no' }, nsp: '/' }))).toEqual({
      type: 'refused',
      namespace: '/',
      data: { message: 'no' },
    });
  });

  it.each([
    ['no map', [2, '/', ['message']]],
    ['no type', { nsp: '/', data: ['message'] }],
    ['a type that there is not', { type: 5, nsp: '/', data: ['message'] }],
    ['a type that is a text', { type: '2', nsp: '/', data: ['message'] }],
    ['no namespace', { type: 2, data: ['message'] }],
    ['an event without a name', { type: 2, nsp: '/', data: [] }],
    ['an event with a reserved name', { type: 2, nsp: '/', data: ['disconnect'] }],
    ['an event without arguments', { type: 2, nsp: '/', data: 'message' }],
    ['an acknowledgement without an id', { type: 3, nsp: '/', data: [1] }],
    ['an id that is no whole number', { type: 3, nsp: '/', data: [1], id: 1.5 }],
    ['an id where there can be none', { type: 0, nsp: '/', data: { sid: 'x' }, id: 1 }],
    ['a connection without data', { type: 0, nsp: '/' }],
  ])('is refused: %s', (_what, packet) => {
    expect(read(packet)).toBeUndefined();
  });

  it('is refused when it is cut, has more behind it, or is nested for ever', () => {
    const whole = encode({ type: 2, nsp: '/', data: ['message', 'x'] });
    for (let length = 0; length < whole.length; length++)
      expect(parseMsgpackPacket(whole.subarray(0, length))).toBeUndefined();
    expect(parseMsgpackPacket(Buffer.concat([whole, Buffer.of(0xc0)]))).toBeUndefined();
    expect(parseMsgpackPacket(Buffer.alloc(200_000, 0x91))).toBeUndefined();
  });
});
