/** Socket.IO and Engine.IO packets against the project's own parser. */

import { Decoder, Encoder, PacketType } from 'socket.io-parser';
import { describe, expect, it } from 'vitest';
import { parseEngineioOpen } from '../dist/runners/clients/engineio/engineio-packet.js';
import { parseSocketioPacket, type SocketioPacket } from '../dist/runners/clients/socketio/socketio-packet.js';
import { encodeSocketioPacket } from './fixtures/socketio-text.js';

/** A packet as we see it, as `socket.io-parser` sees it, and as text. */
const packets: [text: string, ours: SocketioPacket, theirs: { type: PacketType; id?: number; data?: unknown }][] = [
  [
    '0{"sid":"x"}',
    { type: 'connect', namespace: '/', data: { sid: 'x' } },
    { type: PacketType.CONNECT, data: { sid: 'x' } },
  ],
  ['1', { type: 'disconnect', namespace: '/' }, { type: PacketType.DISCONNECT }],
  [
    '2["message","a\\"b"]',
    { type: 'event', namespace: '/', args: ['message', 'a"b'], attachments: 0 },
    { type: PacketType.EVENT, data: ['message', 'a"b'] },
  ],
  [
    '212["message",1]',
    { type: 'event', namespace: '/', id: 12, args: ['message', 1], attachments: 0 },
    { type: PacketType.EVENT, id: 12, data: ['message', 1] },
  ],
  [
    '30["done"]',
    { type: 'ack', namespace: '/', id: 0, args: ['done'], attachments: 0 },
    { type: PacketType.ACK, id: 0, data: ['done'] },
  ],
  [
    '4{"message":"no"}',
    { type: 'refused', namespace: '/', data: { message: 'no' } },
    { type: PacketType.CONNECT_ERROR, data: { message: 'no' } },
  ],
  [
    '51-["message",{"_placeholder":true,"num":0}]',
    { type: 'event', namespace: '/', args: ['message', { _placeholder: true, num: 0 }], attachments: 1 },
    { type: PacketType.EVENT, data: ['message', Buffer.from('a')] },
  ],
  [
    '51-7["message",{"_placeholder":true,"num":0}]',
    { type: 'event', namespace: '/', id: 7, args: ['message', { _placeholder: true, num: 0 }], attachments: 1 },
    { type: PacketType.EVENT, id: 7, data: ['message', Buffer.from('a')] },
  ],
  [
    '61-3[{"_placeholder":true,"num":0}]',
    { type: 'ack', namespace: '/', id: 3, args: [{ _placeholder: true, num: 0 }], attachments: 1 },
    { type: PacketType.ACK, id: 3, data: [Buffer.from('a')] },
  ],
];

describe('a Socket.IO packet', () => {
  it.each(packets)('%s is read and written', (text, ours) => {
    expect(parseSocketioPacket(text)).toEqual(ours);
    expect(encodeSocketioPacket(ours)).toBe(text);
  });

  it.each(packets)('%s is what socket.io-parser writes', (text, _ours, theirs) => {
    expect(new Encoder().encode({ nsp: '/', ...theirs } as never)[0]).toBe(text);
  });

  it.each(packets)('%s in a namespace is read and written as socket.io-parser does', (_text, ours, theirs) => {
    const text = new Encoder().encode({ nsp: '/chat', ...theirs } as never)[0] as string;
    expect(parseSocketioPacket(text)).toEqual({ ...ours, namespace: '/chat' });
    expect(encodeSocketioPacket({ ...ours, namespace: '/chat' })).toBe(text);
  });

  it.each(packets.filter(([, ours]) => ours.type === 'event' || ours.type === 'ack'))(
    '%s is what socket.io-parser reads',
    (text, ours, theirs) => {
      const decoded: unknown[] = [];
      const decoder = new Decoder();
      decoder.on('decoded', (packet: unknown) => decoded.push(packet));
      decoder.add(encodeSocketioPacket(ours));
      if (text[1] === '1' && text[2] === '-') decoder.add(Buffer.from('a'));
      expect(decoded).toEqual([expect.objectContaining({ ...theirs, nsp: '/' })]);
    },
  );

  it.each([
    ['nothing', ''],
    ['an unknown type', '7'],
    ['a type that is no digit', 'x["message"]'],
    ['JSON that is cut', '2["message","a'],
    ['an event that is not an array', '2{"a":1}'],
    ['an event without arguments', '2'],
    ['an event without a name', '2[]'],
    ['an event with an object for a name', '2[{}]'],
    ['an event with a reserved name', '2["disconnect"]'],
    ['a binary event without a number of attachments', '5["message"]'],
    ['a binary event with no attachment', '50-["message"]'],
    ['a binary event with too many attachments', '511-["message"]'],
    ['a binary event with a number that is no plain digits', '51e0-["message"]'],
    ['an acknowledgement without an id', '3["done"]'],
    ['an id beyond what a number can hold', '299999999999999999999["message"]'],
    ['a connect packet without its object', '0'],
    ['a connect packet with an array', '0[]'],
    ['a disconnect packet with data', '1["bye"]'],
    ['a refusal without a reason', '4'],
  ])('that is %s is malformed', (_, text) => {
    expect(parseSocketioPacket(text)).toBeUndefined();
  });

  it('nested a million deep is malformed or parsed, but does not throw', () => {
    expect(() => parseSocketioPacket(`2${'['.repeat(1_000_000)}`)).not.toThrow();
  });

  it('cannot change the prototype of objects', () => {
    parseSocketioPacket('0{"__proto__":{"polluted":true}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('the open packet of Engine.IO', () => {
  const open = { sid: 'abc', upgrades: [], pingInterval: 25000, pingTimeout: 20000, maxPayload: 1000000 };

  it('is read with its heartbeat and its limit', () => {
    expect(parseEngineioOpen(JSON.stringify(open))).toEqual({
      sid: 'abc',
      pingIntervalMs: 25000,
      pingTimeoutMs: 20000,
      maxPayloadBytes: 1000000,
      upgrades: [],
    });
  });

  it('may leave out the limit, as older servers do', () => {
    const { maxPayload: _, ...older } = open;
    expect(parseEngineioOpen(JSON.stringify(older))?.maxPayloadBytes).toBeUndefined();
  });

  it.each([
    ['no JSON', '{'],
    ['nothing', ''],
    ['null', 'null'],
    ['a number', '1'],
    ['an array', '[]'],
    ['no session', JSON.stringify({ ...open, sid: undefined })],
    ['a heartbeat that is text', JSON.stringify({ ...open, pingInterval: '25000' })],
    ['a heartbeat of zero', JSON.stringify({ ...open, pingTimeout: 0 })],
    ['an infinite limit', JSON.stringify(open).replace('1000000', '1e999')],
  ])('is refused when it is %s', (_, json) => {
    expect(parseEngineioOpen(json)).toBeUndefined();
  });
});
