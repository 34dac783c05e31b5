/** Packets that wait to be posted: as many as fit into a request, in order. */

import { describe, expect, it } from 'vitest';
import { Header, readHeader } from '../dist/core/payload/message.js';
import { MessagePool } from '../dist/core/payload/message-pool.js';
import { seededRandom } from '../dist/core/random.js';
import { PacketQueue, PolledMessage, packetSeparator } from '../dist/runners/clients/engineio/packet-queue.js';
import { opcodes } from '../dist/runners/clients/websocket/frame.js';

describe('a queue', () => {
  it('gives all packets in order, in bodies of at most so many bytes or of one packet', () => {
    const random = seededRandom(3);
    for (let run = 0; run < 300; run++) {
      const mostBytes = 1 + Math.floor(random.next() * 60);
      const packets = Array.from({ length: 1 + Math.floor(random.next() * 20) }, (_, i) =>
        `4${i}`.padEnd(2 + Math.floor(random.next() * 30), 'é'),
      );
      const queue = new PacketQueue();
      for (const packet of packets) queue.add(packet);
      const bodies: string[] = [];
      while (!queue.isEmpty) bodies.push(queue.take(mostBytes));
      expect(bodies.flatMap((body) => body.split(packetSeparator))).toEqual(packets);
      for (const [i, body] of bodies.entries()) {
        if (body.includes(packetSeparator)) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(mostBytes);
        // The first packet of the next one did not fit.
        const [next] = bodies[i + 1]?.split(packetSeparator) ?? [];
        if (next !== undefined) expect(Buffer.byteLength(body + packetSeparator + next)).toBeGreaterThan(mostBytes);
      }
    }
  });

  it('is full in the end', () => {
    const queue = new PacketQueue();
    for (let i = 0; i < 20_000 && !queue.isFull; i++) queue.add('2');
    expect(queue.take(Number.POSITIVE_INFINITY).length).toBeLessThan(30_000);
    expect([queue.isEmpty, queue.isFull]).toEqual([true, false]);
  });
});

describe('a message', () => {
  it.each(['repeat', 'json'] as const)('is written into its packets, with its padding and its id: %s', (content) => {
    const pool = new MessagePool({ sizeBytes: 200, type: 'text', content });
    const [blank = new Uint8Array()] = pool.messages;
    const around = { before: Buffer.from(`42${'0'.repeat(10)}["message","`), after: Buffer.from('"]') };
    const payload = Buffer.concat([around.before, blank, around.after]);
    const frame = { opcode: opcodes.text, payload, headerAt: around.before.length, ackIdAt: 2 };
    const written = new PolledMessage([frame], pool).write(3, 70_001, 5, 9, true);
    expect(written.slice(0, around.before.length)).toBe('420000070001["message","');
    const message = Buffer.from(written).subarray(around.before.length, -around.after.length);
    const header = new Header();
    expect(readHeader(message, 0, header)).toBe(true);
    expect(header).toMatchObject({ sender: 3, sequence: 70_001, dueUs: 5, sentUs: 9, measured: true });
    expect(pool.isIntact(message, 0, header)).toBe(true);
  });

  it('of bytes is in base64, after its packet', () => {
    const pool = new MessagePool({ sizeBytes: 64, type: 'binary' });
    const [blank = new Uint8Array()] = pool.messages;
    const start = { opcode: opcodes.text, payload: Buffer.from('451-["message",{}]') };
    const message = new PolledMessage([start, { opcode: opcodes.binary, payload: blank, headerAt: 0 }], pool);
    const [packet, attachment = ''] = message.write(0, 1, 0, 0, true).split(packetSeparator);
    expect(packet).toBe('451-["message",{}]');
    expect(attachment[0]).toBe('b');
    expect(Buffer.from(attachment.slice(1), 'base64')).toEqual(pool.write(0, 1, 0, 0, true));
  });
});
