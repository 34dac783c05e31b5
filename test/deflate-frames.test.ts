/** Compressed frames of the wire clients: what a server inflates is the message, and costs the load nothing. */

import { constants, inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { blankMessage, Header, headerBytes, readHeader } from '../dist/core/payload/message.js';
import { compressedBit, deflatedFrame } from '../dist/runners/clients/deflate/deflated-frame.js';
import { maskByte, opcodes } from '../dist/runners/clients/websocket/frame.js';
import { ackIdDigits, type FrameOfMessage, FrameTemplate } from '../dist/runners/clients/websocket/frame-template.js';

const always = { thresholdBytes: 0, memLevel: 8 };
const tail = Buffer.of(0x00, 0x00, 0xff, 0xff);

function deflated(frame: FrameOfMessage, windowBits = 15, compression = always): FrameOfMessage {
  return deflatedFrame(frame, ackIdDigits, windowBits, compression);
}

/** What a server reads from a frame with a window of `windowBits`. */
function inflate(payload: Uint8Array, windowBits = 15): Buffer {
  return inflateRawSync(Buffer.concat([payload, tail]), { windowBits, finishFlush: constants.Z_SYNC_FLUSH });
}

/** The payloads of masked frames side by side, of at least 126 bytes each. */
function payloads(wire: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < wire.length; ) {
    const length = wire.readUInt16BE(at + 2);
    found.push(Buffer.from(wire.subarray(at + 8, at + 8 + length).map((byte) => byte ^ maskByte)));
    at += 8 + length;
  }
  return found;
}

describe('a compressed frame', () => {
  const sizes = [headerBytes, headerBytes + 1, 128, 1024, 65_536, 131_072];

  it.each([8, 9, 10, 12, 15])('for a window of %i bits inflates to the message, of any size', (windowBits) => {
    for (const sizeBytes of sizes) {
      const payload = blankMessage(sizeBytes);
      const frame = deflated({ opcode: opcodes.text, payload, headerAt: 0 }, windowBits);
      expect(frame.opcode).toBe(opcodes.text | compressedBit);
      expect(inflate(frame.payload, windowBits).equals(payload)).toBe(true);
    }
  });

  it('takes each header in place, several messages side by side', () => {
    // Noise, so that the compressed frame is no short one.
    const payload = blankMessage(1024).map((byte, i) => (i < headerBytes ? byte : (i * i * 2654435761) >>> 24));
    const template = new FrameTemplate([deflated({ opcode: opcodes.binary, payload, headerAt: 0 })]);
    for (let slot = 0; slot < 3; slot++) template.write(slot, 7, slot, 1000, 1010, true);
    const header = new Header();
    for (const [slot, bytes] of payloads(template.view(3)).entries()) {
      const message = inflate(bytes);
      expect(readHeader(message, 0, header)).toBe(true);
      expect({ ...header }).toEqual({ sender: 7, sequence: slot, dueUs: 1000, sentUs: 1010, measured: true });
      expect(message.subarray(headerBytes).equals(payload.subarray(headerBytes))).toBe(true);
    }
  });

  it('takes the id of an acknowledgement and a header behind it', () => {
    const start = `42${'0'.repeat(ackIdDigits)}["message","`;
    const noise = Array.from({ length: 700 }, (_, i) =>
      String.fromCharCode(0x30 + (((i * i * 2654435761) >>> 24) % 64)),
    );
    const payload = Buffer.from(`${start}${Buffer.from(blankMessage(headerBytes))}${noise.join('')}"]`);
    const frame = deflated({ opcode: opcodes.text, payload, headerAt: start.length, ackIdAt: 2 });
    const template = new FrameTemplate([frame]);
    template.write(0, 7, 123, 1000, 1010, true);
    const [bytes = Buffer.alloc(0)] = payloads(template.view(1));
    const text = String(inflate(bytes));
    expect(text.slice(0, start.length)).toBe('420000000123["message","');
    expect(readHeader(Buffer.from(text), start.length, new Header())).toBe(true);
    expect(text.slice(start.length + headerBytes)).toBe(`${noise.join('')}"]`);
  });

  it('is a frame of nothing that changes, too', () => {
    const payload = Buffer.from('{"x":1}'.repeat(50));
    const frame = deflated({ opcode: opcodes.text, payload });
    expect(frame.payload.length).toBeLessThan(40);
    expect(inflate(frame.payload)).toEqual(payload);
  });

  it('is made of messages at the threshold, and not below it', () => {
    const frame = { opcode: opcodes.text, payload: blankMessage(1024), headerAt: 0 };
    expect(deflated(frame, 15, { thresholdBytes: 1025, memLevel: 8 })).toEqual(frame);
    expect(deflated(frame, 15, { thresholdBytes: 1024, memLevel: 8 }).opcode).toBe(opcodes.text | compressedBit);
  });

  it('is larger with the least memory for zlib', () => {
    const words = Array.from({ length: 5000 }, (_, i) => `word${(i * 7919) % 977} `).join('');
    const frame = { opcode: opcodes.text, payload: Buffer.from(words) };
    const sizes = [1, 9].map(
      (memLevel) => deflatedFrame(frame, ackIdDigits, 15, { thresholdBytes: 0, memLevel }).payload.length,
    );
    expect(sizes[0]).toBeGreaterThan(sizes[1]!);
  });

  it('is not made where more comes before the header than one block holds', () => {
    const frame = { opcode: opcodes.text, payload: Buffer.alloc(70_000, 'x'), headerAt: 65_500 };
    expect(deflated(frame)).toEqual(frame);
  });
});
