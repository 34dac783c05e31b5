/** What a wire connection makes of compressed messages from a server that cuts them, mixes them and breaks them. */

import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blankMessage, writeHeader } from '../dist/core/payload/message.js';
import { seededRandom } from '../dist/core/random.js';
import { Inflater } from '../dist/runners/clients/deflate/inflater.js';
import { FrameParser, type FrameSink } from '../dist/runners/clients/websocket/frame-parser.js';
import wsWire from '../dist/runners/clients/ws-wire.js';
import { compress, deflatingServer, frame, takingOver } from './fixtures/deflating-server.js';
import { clientOf } from './fixtures/noting-client.js';

const compression = { thresholdBytes: 1024, memLevel: 8 };
const closes = (code: number): [number, string] => [0x8, String.fromCharCode(code >> 8, code & 0xff)];

function message(sequence: number, sizeBytes: number): Buffer {
  const bytes = Buffer.from(blankMessage(sizeBytes));
  writeHeader(bytes, 0, 0, 1, sequence, 1000, 1010, true);
  return bytes;
}

const rsv1 = 0x40;
const fin = 0x80;
const text = 0x1;
const ping = frame(fin | 0x9, Buffer.from('hi'));

/** Cuts `payload` into frames of the sizes asked for, with pings between them; only the first one has RSV1. */
function fragments(payload: Buffer, sizes: readonly number[]): Buffer[] {
  const frames: Buffer[] = [];
  let at = 0;
  for (const size of [...sizes, payload.length]) {
    const part = payload.subarray(at, at + size);
    at += part.length;
    frames.push(frame((frames.length === 0 ? text | rsv1 : 0) | (at >= payload.length ? fin : 0), part), ping);
    if (at >= payload.length) break;
  }
  return frames;
}

describe('compressed messages', () => {
  it.each([
    ['', 15, true],
    ['; server_no_context_takeover', 15, false],
    ['; server_max_window_bits=9', 9, true],
    ['; server_max_window_bits=10; server_no_context_takeover', 10, false],
  ])(
    'arrive intact and in order where the server takes the offer with "%s"',
    async (parameters, windowBits, takesOver) => {
      const sizeBytes = 3000;
      const { port, heard } = await deflatingServer(parameters, async (socket) => {
        const next = takingOver(windowBits);
        for (let sequence = 0; sequence < 20; sequence++) {
          const whole = message(sequence, sizeBytes);
          // Compressed in one frame, in fragments with pings between them, and as it is.
          if (sequence % 3 === 2) socket.write(frame(fin | text, whole));
          else {
            const payload = takesOver ? await next(whole) : compress(whole, windowBits);
            for (const one of fragments(payload, sequence % 3 === 0 ? [] : [1, 0, 5, 20])) socket.write(one);
          }
          if (sequence % 5 === 0) await turn();
        }
        socket.end(frame(fin | 0x8, Buffer.of(0x03, 0xe8)));
      });
      const { notes, open } = clientOf(wsWire, port, { compression, payload: { sizeBytes, type: 'text' } });
      await open();
      await notes.until(() => notes.lines.some((line) => line.includes('closed')));
      const expected = Array.from({ length: 20 }, (_, sequence) => `0<1:${sequence}`);
      expect(notes.lines).toEqual([...expected, '0 closed 1000']);
      expect((await heard).at(-1)).toEqual(closes(1000));
    },
  );
});

/** A read of what the server sends, and what the client made of it: its violation and the code that it closed with. */
async function endOf(bytes: Buffer, parameters = '', offers = true): Promise<{ lines: string[]; sent: unknown }> {
  const { port, heard } = await deflatingServer(parameters, (socket) => socket.write(bytes));
  const { notes, open } = clientOf(wsWire, port, {
    payload: { sizeBytes: 64, type: 'text' },
    ...(offers && { compression }),
  });
  await open();
  await notes.until(() => notes.lines.some((line) => line.includes('closed')));
  return { lines: notes.lines, sent: (await heard).at(-1) };
}

describe('a connection that has agreed to compression', () => {
  const hello = compress('Hello');
  const whole = compress(message(0, 5000));

  it.each([
    ['a bomb of 40 MB', 'frame:too-large', 1009, frame(fin | rsv1 | text, compress(Buffer.alloc(40_000_000)))],
    [
      'a bomb in fragments',
      'frame:too-large',
      1009,
      Buffer.concat(fragments(compress(Buffer.alloc(40_000_000)), [9, 9])),
    ],
    ['a message cut in the midst', 'frame:bad-deflate', 1007, frame(fin | rsv1 | text, whole.subarray(0, 40))],
    ['a message without its last byte', 'frame:bad-deflate', 1007, frame(fin | rsv1 | text, whole.subarray(0, -1))],
    ['a block of a type that is none', 'frame:bad-deflate', 1007, frame(fin | rsv1 | text, Buffer.of(0x07, 0x00))],
    [
      'a length that is not repeated',
      'frame:bad-deflate',
      1007,
      frame(fin | rsv1 | text, Buffer.from('0005000000', 'hex')),
    ],
    ['a compressed message of no bytes', 'frame:bad-deflate', 1007, frame(fin | rsv1 | text, Buffer.alloc(0))],
    [
      'text that inflates to no UTF-8',
      'frame:bad-utf8',
      1007,
      frame(fin | rsv1 | text, compress(Buffer.of(0xc3, 0x28))),
    ],
    ['a compressed ping', 'frame:reserved-bits', 1002, frame(fin | rsv1 | 0x9, hello)],
    ['a compressed close frame', 'frame:reserved-bits', 1002, frame(fin | rsv1 | 0x8, Buffer.of(0x03, 0xe8))],
    [
      'RSV1 on a later fragment',
      'frame:reserved-bits',
      1002,
      Buffer.concat([frame(rsv1 | text, hello.subarray(0, 2)), frame(fin | rsv1, hello.subarray(2))]),
    ],
    ['RSV2 beside RSV1', 'frame:reserved-bits', 1002, frame(fin | rsv1 | 0x20 | text, hello)],
    ['RSV3', 'frame:reserved-bits', 1002, frame(fin | 0x10 | text, Buffer.from('Hello'))],
  ])('ends after %s: %s, %i', async (_, violation, code, bytes) => {
    const { lines, sent } = await endOf(Buffer.concat([bytes, frame(fin | text, message(9, 64))]));
    // Text is offered before it is known to be UTF-8.
    expect(lines.slice(-2)).toEqual([`0 error ${violation}`, `0 closed ${code}`]);
    expect(lines.filter((line) => line.startsWith('0<1'))).toEqual([]);
    expect(sent).toEqual(closes(code));
  });

  it('ends after a reference to a message before, where none is taken over', async () => {
    const { lines } = await endOf(
      frame(fin | rsv1 | text, Buffer.from('f200110000', 'hex')),
      '; server_no_context_takeover',
    );
    expect(lines).toEqual(['0 error frame:bad-deflate', '0 closed 1007']);
  });
});

describe('a connection', () => {
  it.each([
    ['an extension that it has not offered', 'connect:unexpected-extension', false, ''],
    ['an answer that does not fit its offer', 'connect:bad-extension', true, '; server_max_window_bits=16'],
  ])('is not opened with %s', async (_, errorClass, offers, parameters) => {
    await expect(endOf(Buffer.alloc(0), parameters, offers)).rejects.toThrow(errorClass);
  });
});

describe('the frame parser with an inflater', () => {
  it('sees the same messages wherever fragments and reads are cut', async () => {
    const random = seededRandom(7);
    const words = fc.constantFrom('alpha', 'beta', '{"bid":', '1234', '}', 'é');
    const texts = fc.array(fc.array(words, { maxLength: 60 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat(40), { maxLength: 6 }), fc.nat(50), async (all, sizes, step) => {
        const messages = all.map((one) => one.join(' '));
        const next = takingOver();
        const frames: Buffer[] = [];
        for (const one of messages) {
          const isCompressed = random.next() < 0.8;
          if (isCompressed) frames.push(...fragments(await next(Buffer.from(one)), sizes));
          else frames.push(frame(fin | text, Buffer.from(one)));
        }
        const seen: string[] = [];
        let pings = 0;
        const sink: FrameSink = {
          message: (_, bytes, start, end) => {
            seen.push(bytes.toString('utf8', start, end));
            return false;
          },
          ping: () => pings++,
          closing: (code) => seen.push(`closed ${code}`),
          violation: (violation) => seen.push(violation),
        };
        const parser = new FrameParser(sink, 100_000);
        parser.inflateWith(new Inflater(15, true, 100_000));
        const stream = Buffer.concat(frames);
        for (let at = 0; at < stream.length; at += step + 1)
          parser.read(stream, at, Math.min(stream.length, at + step + 1));
        parser.stop();
        expect(seen).toEqual(messages);
        expect(pings).toBe(frames.filter((one) => one === ping).length);
      }),
      { numRuns: 150 },
    );
  });
});
