/** The frame parser of the wire clients, byte by byte: what it delivers, what it refuses, what it holds on to. */

import { describe, expect, it } from 'vitest';
import * as ws from 'ws';
import { isSendableCloseCode } from '../dist/runners/clients/websocket/frame.js';
import { FrameParser, type FrameSink, frameViolations } from '../dist/runners/clients/websocket/frame-parser.js';

/** Exported by `ws`, but not in its types. */
const { Sender } = ws as unknown as { Sender: { frame(payload: Buffer, options: object): Buffer[] } };

/** Records what a parser hands over, one line each. */
class Log implements FrameSink {
  readonly lines: string[] = [];
  readonly parser: FrameParser;
  onMessage: () => void = () => {};

  constructor(maxMessageBytes = 1000) {
    this.parser = new FrameParser(this, maxMessageBytes);
  }
  message(isText: boolean, bytes: Buffer, start: number, end: number): boolean {
    const body = bytes.subarray(start, end);
    this.lines.push(isText ? `text ${body.toString('latin1')}` : `binary ${body.toString('hex')}`);
    this.onMessage();
    return false;
  }
  ping(bytes: Buffer, start: number, end: number): void {
    this.lines.push(`ping ${bytes.toString('hex', start, end)}`);
  }
  closing(code: number): void {
    this.lines.push(`close ${code}`);
  }
  violation(violation: string): void {
    this.lines.push(violation);
  }
}

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

function linesOf(stream: Buffer, cuts: readonly number[] = [], maxMessageBytes?: number): string[] {
  const log = new Log(maxMessageBytes);
  let from = 0;
  for (const to of [...cuts, stream.length]) {
    // Reads share one buffer that is overwritten by the next read.
    const shared = Buffer.alloc(stream.length + 3, 0xee);
    stream.copy(shared, 3, from, to);
    log.parser.read(shared, 3, 3 + to - from);
    shared.fill(0xdd);
    from = to;
  }
  return log.lines;
}

const accepted: [sentence: string, hex: string, lines: string[]][] = [
  ['a text message', '81 05 48656c6c6f', ['text Hello']],
  ['a binary message', '82 03 010203', ['binary 010203']],
  ['an empty text message', '81 00', ['text ']],
  ['an empty binary message', '82 00', ['binary ']],
  ['several messages in one read', '81 01 61 82 01 00 81 01 62', ['text a', 'binary 00', 'text b']],
  ['a fragmented text message', '01 02 4865 00 02 6c6c 80 01 6f', ['text Hello']],
  ['a fragmented binary message', '02 01 01 80 01 02', ['binary 0102']],
  ['a message of empty fragments', '01 00 00 00 80 00', ['text ']],
  ['a fragmented message whose last fragment is empty', '01 01 61 80 00', ['text a']],
  ['a ping between fragments', '01 02 4865 89 01 ff 80 03 6c6c6f', ['ping ff', 'text Hello']],
  ['a ping with an empty payload', '89 00', ['ping ']],
  ['a pong, which it ignores', '8a 01 00 81 01 61', ['text a']],
  ['a close frame without a code', '88 00', ['close 1005']],
  ['a close frame with a code', '88 02 03e8', ['close 1000']],
  ['a close frame with a code and a reason', '88 05 0bb8 627965', ['close 3000']],
  ['a close frame between fragments', '01 01 61 88 02 03e9', ['close 1001']],
  ['nothing after a close frame', '88 00 81 01 61 ff ff', ['close 1005']],
  ['a 16-bit length for a short payload, as ws does', '81 7e 0001 61', ['text a']],
  ['a 64-bit length for a short payload, as ws does', '82 7f 0000000000000001 61', ['binary 61']],
  ['UTF-8 that is split between fragments', '01 01 c3 80 01 a9', ['text \u00c3\u00a9']],
  ['any bytes in a binary message', '82 02 c3 28', ['binary c328']],
];

const refused: [sentence: string, hex: string, last: keyof typeof frameViolations, code: number][] = [
  ['a masked frame', '81 81 00000000 61', 'frame:masked', 1002],
  ['the first reserved bit', 'c1 01 61', 'frame:reserved-bits', 1002],
  ['the second reserved bit', 'a1 01 61', 'frame:reserved-bits', 1002],
  ['the third reserved bit on a control frame', '99 00', 'frame:reserved-bits', 1002],
  ['a reserved data opcode', '83 00', 'frame:unknown-opcode', 1002],
  ['a reserved control opcode', '8b 00', 'frame:unknown-opcode', 1002],
  ['a fragmented ping', '09 00', 'frame:fragmented-control', 1002],
  ['a ping of more than 125 bytes', '89 7e 007e', 'frame:long-control', 1002],
  ['a close frame with a 64-bit length', '88 7f', 'frame:long-control', 1002],
  ['a continuation of nothing', '80 01 61', 'frame:stray-continuation', 1002],
  ['a continuation of a finished message', '01 00 80 00 80 00', 'frame:stray-continuation', 1002],
  ['a new message within a fragmented one', '01 01 61 81 01 62', 'frame:interrupted-message', 1002],
  ['a close frame with one byte', '88 01 03', 'frame:bad-close', 1002],
  ['a close code that is reserved', '88 02 03ed', 'frame:bad-close', 1002],
  ['a close code that is out of range', '88 02 1388', 'frame:bad-close', 1002],
  ['a close reason that is not UTF-8', '88 04 03e8 c328', 'frame:bad-utf8', 1007],
  ['a text message that is not UTF-8', '81 02 c328', 'frame:bad-utf8', 1007],
  ['a fragmented text message that is not UTF-8', '01 01 c3 80 01 28', 'frame:bad-utf8', 1007],
  ['a text message that ends within a character', '81 01 c3', 'frame:bad-utf8', 1007],
  ['a length above the limit', '82 7e 03e9', 'frame:too-large', 1009],
  ['fragments that are above the limit together', `02 7e 03e8 ${'00'.repeat(1000)} 80 01 00`, 'frame:too-large', 1009],
  ['a 64-bit length with the top bit set', '82 7f 8000000000000000', 'frame:too-large', 1009],
];

describe('the frame parser', () => {
  it.each(accepted)('accepts %s, wherever the reads are cut', (_, hex, lines) => {
    const stream = bytesOf(hex);
    expect(linesOf(stream)).toEqual(lines);
    for (let cut = 1; cut < stream.length; cut++) expect(linesOf(stream, [cut])).toEqual(lines);
    expect(
      linesOf(
        stream,
        Array.from({ length: stream.length }, (_unused, i) => i),
      ),
    ).toEqual(lines);
  });

  it.each(refused)('refuses %s once, wherever the reads are cut', (_, hex, violation, code) => {
    const stream = Buffer.concat([bytesOf(hex), bytesOf('81 01 61')]);
    for (let cut = 0; cut < stream.length; cut++) {
      const lines = linesOf(stream, [cut]);
      expect(lines.at(-1)).toBe(violation);
      expect(lines.filter((line) => line.startsWith('frame:'))).toHaveLength(1);
    }
    expect(frameViolations[violation]).toBe(code);
  });

  it('reads what the sender of ws writes, at every possible cut', () => {
    const payloads = [0, 1, 125, 126, 127, 200].map((length) => Buffer.alloc(length, 'x'));
    const frames = payloads.flatMap((payload, i) =>
      Sender.frame(payload, { fin: true, rsv1: false, opcode: 1 + (i % 2), mask: false, readOnly: true }),
    );
    const stream = Buffer.concat(frames);
    const lines = payloads.map((payload, i) =>
      i % 2 === 0 ? `text ${payload.toString()}` : `binary ${payload.toString('hex')}`,
    );
    for (let cut = 0; cut < stream.length; cut++) expect(linesOf(stream, [cut])).toEqual(lines);
  });

  it('reads a message of 70,000 bytes in reads of 1,000', () => {
    const stream = Buffer.concat([bytesOf('82 7f 0000000000011170'), Buffer.alloc(70_000, 7)]);
    const cuts = Array.from({ length: 70 }, (_, i) => (i + 1) * 1000);
    expect(linesOf(stream, cuts, 100_000)).toEqual([`binary ${'07'.repeat(70_000)}`]);
  });

  it('hands over a whole message without copying it', () => {
    let seen: Buffer | undefined;
    const log = new Log();
    log.message = (_isText, bytes) => {
      seen = bytes;
      return true;
    };
    const read = bytesOf('81 01 61');
    log.parser.read(read, 0, 3);
    expect(seen).toBe(read);
    expect(log.parser.heldBytes).toBe(0);
  });

  it('does not check UTF-8 when the sink knows the bytes', () => {
    const log = new Log();
    log.message = () => true;
    log.parser.read(bytesOf('81 02 c328'), 0, 4);
    expect(log.lines).toEqual([]);
  });

  it('holds memory only for what it has received, not for what a length announces', () => {
    const log = new Log(16 * 1024 * 1024);
    const start = bytesOf('82 7f 0000000000ffffff 0102');
    log.parser.read(start, 0, start.length);
    expect(log.parser.heldBytes).toBeGreaterThan(0);
    expect(log.parser.heldBytes).toBeLessThan(1024);
  });

  it('gives up its memory when a cut frame and a fragmented message are complete', () => {
    const log = new Log();
    const stream = bytesOf('01 02 4865 80 03 6c6c6f');
    log.parser.read(stream, 0, 6);
    expect(log.parser.heldBytes).toBeGreaterThan(0);
    log.parser.read(stream, 6, stream.length);
    expect(log.lines).toEqual(['text Hello']);
    expect(log.parser.heldBytes).toBe(0);
  });

  it('hands over nothing more of a read once it is stopped', () => {
    const log = new Log();
    log.onMessage = () => log.parser.stop();
    const stream = bytesOf('81 01 61 81 01 62 81');
    log.parser.read(stream, 0, stream.length);
    log.parser.read(stream, 0, stream.length);
    expect(log.lines).toEqual(['text a']);
    expect(log.parser.heldBytes).toBe(0);
  });
});

describe('a close code', () => {
  it.each([1000, 1003, 1007, 1014, 3000, 4999])('%i may be sent', (code) => {
    expect(isSendableCloseCode(code)).toBe(true);
  });
  it.each([0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535])('%i may not be sent', (code) => {
    expect(isSendableCloseCode(code)).toBe(false);
  });
});
