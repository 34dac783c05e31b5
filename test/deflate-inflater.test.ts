/** What the inflater makes of messages that zlib has compressed, whole, changed and cut. */

import { constants, createDeflateRaw, deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../dist/core/random.js';
import { Inflater } from '../dist/runners/clients/deflate/inflater.js';

const mostBytes = 200_000;
const tail = Buffer.of(0x00, 0x00, 0xff, 0xff);
const finalBlock = Buffer.of(0x01, 0x00, 0x00, 0xff, 0xff);

/** Messages as a server compresses them one after the other. */
async function compressed(
  messages: readonly Uint8Array[],
  options: { windowBits: number; level?: number; strategy?: number },
  takesOver: boolean,
): Promise<Buffer[]> {
  // With 8 bits zlib refuses to deflate; with 9 it refers back by fewer than 256 bytes.
  const stream = createDeflateRaw({ ...options, windowBits: Math.max(9, options.windowBits) });
  const results: Buffer[] = [];
  for (const message of messages) {
    const chunks: Buffer[] = [];
    const keep = (chunk: Buffer): void => void chunks.push(chunk);
    stream.on('data', keep);
    stream.write(message);
    await new Promise<void>((done) => stream.flush(constants.Z_SYNC_FLUSH, done));
    stream.off('data', keep);
    results.push(Buffer.concat(chunks).subarray(0, -tail.length));
    if (!takesOver) stream.reset();
  }
  stream.close();
  return results;
}

function inflated(inflater: Inflater, message: Uint8Array): Buffer | string {
  // In the midst of a larger buffer, as messages of a read are.
  const bytes = Buffer.concat([Buffer.of(1, 2, 3), message, Buffer.of(4, 5, 6)]);
  const length = inflater.inflate(bytes, 3, 3 + message.length);
  return typeof length === 'string' ? length : Buffer.from(inflater.output.subarray(0, length));
}

/** The same by the public functions of zlib: the window given anew, and a last block that must be reached, and end there. */
function reference(message: Uint8Array, window: Buffer): Buffer | string {
  const chunks: Buffer[] = [];
  let input = Buffer.concat([message, tail, finalBlock]);
  let dictionary = window;
  try {
    for (;;) {
      const options = { info: true, ...(dictionary.length > 0 && { dictionary }) };
      const { buffer, engine } = inflateRawSync(input, options) as unknown as {
        buffer: Buffer;
        engine: { bytesWritten: number };
      };
      chunks.push(buffer);
      const rest = input.subarray(engine.bytesWritten);
      if (rest.length === 0)
        return engine.bytesWritten >= finalBlock.length ? Buffer.concat(chunks) : 'frame:bad-deflate';
      input = rest as Buffer<ArrayBuffer>;
      dictionary = Buffer.alloc(0);
    }
  } catch {
    return 'frame:bad-deflate';
  }
}

const text = fc
  .array(fc.constantFrom('alpha ', 'beta ', '{"a":1},', 'x'), { maxLength: 400 })
  .map((all) => all.join(''));
const message = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
  text.map((one) => Buffer.from(one)),
);

describe('the inflater', () => {
  it('returns every message of every window, level, strategy and way of takeover', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 8, max: 15 }),
        fc.integer({ min: 0, max: 9 }),
        fc.constantFrom(constants.Z_DEFAULT_STRATEGY, constants.Z_HUFFMAN_ONLY, constants.Z_FIXED),
        fc.boolean(),
        async (messages, windowBits, level, strategy, takesOver) => {
          const inflater = new Inflater(windowBits, takesOver, mostBytes);
          const all = await compressed(messages, { windowBits, level, strategy }, takesOver);
          expect(all.map((one) => inflated(inflater, one))).toEqual(messages);
          inflater.close();
        },
      ),
      { numRuns: 100 },
    );
  });

  it.each([0, 1, 65_535, 65_536, 65_537, 131_072, mostBytes])(
    'returns messages of %i bytes, whatever came before',
    (size) => {
      for (const fill of ['x', 'The quick brown fox. ']) {
        const whole = Buffer.alloc(size, fill);
        const bytes = deflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -tail.length);
        const inflater = new Inflater(15, false, mostBytes);
        expect(whole.equals(inflated(inflater, bytes) as Buffer)).toBe(true);
        expect(whole.equals(inflated(inflater, bytes) as Buffer)).toBe(true);
      }
    },
  );

  it.each([
    ['fixed Huffman codes', 'f248cdc9c90700'],
    ['the window of the message before', 'f200110000', 'f248cdc9c90700'],
    ['a block without compression', '000500faff48656c6c6f00'],
    ['a last block, and an empty one after it', 'f348cdc9c9070000'],
    ['two blocks', 'f24805000000ffffcac9c90700'],
  ])('returns "Hello" from the example of RFC 7692 with %s', (_, hex, before?: string) => {
    const inflater = new Inflater(15, true, mostBytes);
    if (before) inflated(inflater, Buffer.from(before, 'hex'));
    expect(String(inflated(inflater, Buffer.from(hex, 'hex')))).toBe('Hello');
  });

  it('refuses a reference to messages before, where none is taken over', () => {
    expect(inflated(new Inflater(15, false, mostBytes), Buffer.from('f200110000', 'hex'))).toBe('frame:bad-deflate');
  });

  it('refuses a message that inflates to more than the limit, without inflating it to its end', () => {
    const bomb = deflateRawSync(Buffer.alloc(50_000_000), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    for (const takesOver of [true, false]) {
      const inflater = new Inflater(15, takesOver, mostBytes);
      expect(inflated(inflater, bomb)).toBe('frame:too-large');
      expect(inflater.output.length).toBeLessThan(1_000_000);
      inflater.close();
    }
  });

  it('refuses a message of no bytes and what follows a message within it', () => {
    expect(inflated(new Inflater(15, true, mostBytes), Buffer.alloc(0))).toBe('frame:bad-deflate');
    expect(inflated(new Inflater(15, true, mostBytes), Buffer.from('f248cdc9c9070000', 'hex'))).toBe(
      'frame:bad-deflate',
    );
  });

  it('serves other connections after it has refused a message', () => {
    const hello = Buffer.from('f248cdc9c90700', 'hex');
    for (let i = 0; i < 3; i++) {
      expect(inflated(new Inflater(15, false, mostBytes), Buffer.from('ffffffff', 'hex'))).toBe('frame:bad-deflate');
      expect(String(inflated(new Inflater(15, false, mostBytes), hello))).toBe('Hello');
    }
  });

  it('accepts and refuses what the public functions of zlib do, on 3,000 changed and cut messages', async () => {
    const random = seededRandom(5);
    const messages = Array.from({ length: 60 }, (_, i) => Buffer.from(sentence(random, i)));
    const flush = { finishFlush: constants.Z_SYNC_FLUSH };
    const counts = { returned: 0, refused: 0 };
    for (let i = 0; i < 3000; i++) {
      const at = 1 + below(random, messages.length - 1);
      const dictionary = messages[at - 1]!;
      const inflater = new Inflater(15, true, mostBytes);
      const before = deflateRawSync(dictionary, flush).subarray(0, -tail.length);
      const second = deflateRawSync(messages[at]!, { ...flush, dictionary }).subarray(0, -tail.length);
      expect(inflated(inflater, before)).toEqual(dictionary);
      const changed = mutated(random, second);
      const ours = inflated(inflater, changed);
      const theirs = reference(changed, dictionary);
      if (Buffer.isBuffer(ours) ? !Buffer.isBuffer(theirs) || !ours.equals(theirs) : ours !== theirs)
        expect.fail(`${changed.toString('hex')} after ${dictionary}: ${ours} / ${theirs}`);
      if (Buffer.isBuffer(ours)) counts.returned++;
      else counts.refused++;
      inflater.close();
    }
    expect(counts.returned).toBeGreaterThan(300);
    expect(counts.refused).toBeGreaterThan(1000);
  });
});

const below = (random: Random, n: number): number => Math.floor(random.next() * n);

function sentence(random: Random, i: number): string {
  const words = ['price', 'volume', 'symbol', '"bid":', '"ask":', String(i), '{', '}', 'ETH', 'BTC'];
  return Array.from({ length: 1 + below(random, 60) }, () => words[below(random, words.length)]).join(' ');
}

function mutated(random: Random, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const kind = random.next();
  if (kind < 0.1) return copy;
  if (kind < 0.4) return copy.subarray(0, below(random, copy.length + 1));
  for (let changes = 1 + below(random, 3); changes > 0; changes--) {
    const at = below(random, copy.length);
    copy[at] = copy[at]! ^ (1 << below(random, 8));
  }
  return kind < 0.9 ? copy : Buffer.concat([copy, Buffer.of(below(random, 256))]);
}
