/** What the wire clients send: whole frames that a server reads as the messages they are meant to be. */

import type { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import * as ws from 'ws';
import {
  blankMessage,
  Header,
  headerBytes,
  maxSequence,
  paddingIntact,
  readHeader,
} from '../dist/core/payload/message.js';
import {
  closeFrame,
  frameHeaderBytes,
  maskByte,
  maskedFrame,
  opcodes,
} from '../dist/runners/clients/websocket/frame.js';
import { ackIdDigits, FrameTemplate } from '../dist/runners/clients/websocket/frame-template.js';

/** Exported by `ws`, but not in its types. */
const { Receiver } = ws as unknown as { Receiver: new (options: { isServer: boolean }) => Writable };

/** The messages that the receiver of the `ws` server reads from `bytes`. */
function receivedBy(bytes: Buffer): { data: Buffer; isBinary: boolean }[] {
  const messages: { data: Buffer; isBinary: boolean }[] = [];
  const receiver = new Receiver({ isServer: true });
  receiver.on('message', (data: Buffer, isBinary: boolean) => messages.push({ data, isBinary }));
  receiver._write(Buffer.from(bytes), 'latin1', (error) => {
    if (error) throw error;
  });
  return messages;
}

describe('a masked frame', () => {
  it.each([0, 1, 125, 126, 65_535, 65_536])('of %i bytes is read by the ws receiver', (length) => {
    const payload = Buffer.alloc(length, 'payload');
    const frame = maskedFrame(opcodes.text, payload);
    expect(frame.length).toBe(frameHeaderBytes(length) + length);
    expect(receivedBy(frame)).toEqual([{ data: payload, isBinary: false }]);
  });

  it('has a masking key other than zero, so that no server is spared the unmasking', () => {
    expect(maskByte).not.toBe(0);
    expect(maskedFrame(opcodes.binary, Buffer.alloc(1)).subarray(2, 6)).toEqual(Buffer.alloc(4, maskByte));
  });

  it('that closes carries its code, and none for 1005', () => {
    const unmasked = [...closeFrame(1002).subarray(6)].map((byte) => byte ^ maskByte);
    expect(unmasked).toEqual([0x03, 0xea]);
    expect(closeFrame(1005)).toHaveLength(6);
  });
});

describe('a frame template', () => {
  it.each([headerBytes, 125, 126, 65_536])('sends messages of %i bytes with their own headers', (sizeBytes) => {
    const blank = blankMessage(sizeBytes);
    const template = new FrameTemplate([{ opcode: opcodes.text, payload: blank, headerAt: 0 }]);
    const count = Math.min(3, template.slots);
    for (let slot = 0; slot < count; slot++) template.write(slot, 7, 100 + slot, 5_000_000, 5_000_010, true);
    const messages = receivedBy(template.view(count));
    expect(messages).toHaveLength(count);
    messages.forEach(({ data, isBinary }, slot) => {
      const header = new Header();
      expect(isBinary).toBe(false);
      expect(data).toHaveLength(sizeBytes);
      expect(readHeader(data, 0, header)).toBe(true);
      expect({ ...header }).toEqual({
        sender: 7,
        sequence: 100 + slot,
        dueUs: 5_000_000,
        sentUs: 5_000_010,
        measured: true,
      });
      expect(paddingIntact(data, 0, blank)).toBe(true);
    });
  });

  it('rewrites a slot without a trace of the message before', () => {
    const template = new FrameTemplate([{ opcode: opcodes.binary, payload: blankMessage(40), headerAt: 0 }]);
    template.write(0, 1, 999_999, 9e12, 9e12, true);
    template.write(0, 1, 2, 3, 4, false);
    const fresh = new FrameTemplate([{ opcode: opcodes.binary, payload: blankMessage(40), headerAt: 0 }]);
    fresh.write(0, 1, 2, 3, 4, false);
    expect(template.view(1)).toEqual(fresh.view(1));
  });

  it('puts the header where the message starts within a frame, after the frames before it', () => {
    const before = Buffer.from('before');
    const framed = Buffer.concat([Buffer.from('["'), blankMessage(headerBytes), Buffer.from('"]')]);
    const template = new FrameTemplate([
      { opcode: opcodes.text, payload: before },
      { opcode: opcodes.text, payload: framed, headerAt: 2 },
    ]);
    template.write(0, 1, 2, 3, 4, true);
    template.write(1, 1, 3, 3, 4, true);
    const messages = receivedBy(template.view(2));
    expect(messages.map(({ data }) => data.length)).toEqual([6, 40, 6, 40]);
    const header = new Header();
    expect(readHeader(messages[3]!.data, 2, header)).toBe(true);
    expect(header.sequence).toBe(3);
    expect(messages[3]!.data.toString()).toMatch(/^\["[^"]{36}"\]$/);
  });

  it.each([
    [headerBytes, 64],
    [10_000, 26],
    [1_048_576, 1],
  ])('for messages of %i bytes holds %i of them', (sizeBytes, slots) => {
    const template = new FrameTemplate([{ opcode: opcodes.text, payload: blankMessage(sizeBytes), headerAt: 0 }]);
    expect(template.slots).toBe(slots);
  });

  it('never writes to bytes that it has left to someone else', () => {
    const template = new FrameTemplate([{ opcode: opcodes.text, payload: blankMessage(64), headerAt: 0 }]);
    template.write(0, 1, 1, 1, 1, true);
    const queued = template.view(1);
    const before = Buffer.from(queued);
    template.renew();
    template.write(0, 2, 2, 2, 2, false);
    expect(queued).toEqual(before);
    expect(template.view(1)).not.toEqual(before);
    expect(receivedBy(template.view(1))).toHaveLength(1);
  });
});

describe('a template with an acknowledgement id', () => {
  const packet = Buffer.from(`451-${'0'.repeat(ackIdDigits)}["message"]`);
  const frames = [
    { opcode: opcodes.text, payload: packet, ackIdAt: 4 },
    { opcode: opcodes.binary, payload: blankMessage(200), headerAt: 0 },
  ];

  it('sends each message under its sequence number, in ten digits', () => {
    const template = new FrameTemplate(frames);
    const sequences = [0, 9, 10, 123_456_789, maxSequence];
    for (const [slot, sequence] of sequences.entries()) template.write(slot, 1, sequence, 3, 4, true);
    const messages = receivedBy(template.view(sequences.length)).map(({ data }) => data);
    expect(messages.filter((_, i) => i % 2 === 0).map(String)).toEqual([
      '451-0000000000["message"]',
      '451-0000000009["message"]',
      '451-0000000010["message"]',
      '451-0123456789["message"]',
      '451-1073741823["message"]',
    ]);
    const header = new Header();
    const read = messages.filter((_, i) => i % 2 === 1).map((data) => readHeader(data, 0, header) && header.sequence);
    expect(read).toEqual(sequences);
  });

  it('leaves no digit of the message before, nor writes to bytes that it has left to someone else', () => {
    const template = new FrameTemplate(frames);
    template.write(0, 1, maxSequence, 3, 4, true);
    const queued = template.view(1);
    const before = Buffer.from(queued);
    template.renew();
    template.write(0, 1, 7, 3, 4, true);
    expect(queued).toEqual(before);
    expect(String(receivedBy(template.view(1))[0]?.data)).toBe('451-0000000007["message"]');
  });
});
