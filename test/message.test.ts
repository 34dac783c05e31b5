/** The header of a message: what is written is read, and nothing else passes for it. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blankMessage,
  Header,
  headerBytes,
  maxSenders,
  maxSequence,
  paddingIntact,
  readHeader,
  writeHeader,
} from '../dist/core/payload/message.js';
import { seededRandom } from '../dist/core/random.js';

const most30Bits = 2 ** 30 - 1;

interface Fields {
  readonly sender: number;
  readonly sequence: number;
  readonly dueUs: number;
  readonly lagUs: number;
  readonly measured: boolean;
}

/** Whole numbers up to `most`, its ends and the powers of two among them often. */
const upTo = (most: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.maxSafeInteger().map((n) => Math.abs(n) % (most + 1)),
    fc.nat(52).map((bits) => Math.min(2 ** bits, most)),
    fc.constantFrom(0, most),
  );

const fields: fc.Arbitrary<Fields> = fc.record({
  sender: upTo(maxSenders - 1),
  sequence: upTo(maxSequence),
  dueUs: upTo(2 ** 50 - 1),
  lagUs: upTo(most30Bits),
  measured: fc.boolean(),
});

function write(bytes: Uint8Array, at: number, mask: number, { sender, sequence, dueUs, lagUs, measured }: Fields) {
  writeHeader(bytes, at, mask, sender, sequence, dueUs, dueUs + lagUs, measured);
}

function headerOf(message: Fields): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  write(bytes, 0, 0, message);
  return bytes;
}

const accepted = (bytes: Uint8Array, at = 0): boolean => readHeader(bytes, at, new Header());

describe('a header', () => {
  it('is read as it was written, at any place and with any mask byte', () => {
    fc.assert(
      fc.property(fields, fc.nat(40), fc.nat(255), (message, at, mask) => {
        const bytes = new Uint8Array(at + headerBytes + 5);
        write(bytes, at, mask, message);
        for (let i = 0; i < headerBytes; i++) bytes[at + i]! ^= mask;
        const header = new Header();
        expect(readHeader(bytes, at, header)).toBe(true);
        const { sender, sequence, dueUs, lagUs, measured } = message;
        expect({ ...header }).toEqual({ sender, sequence, dueUs, sentUs: dueUs + lagUs, measured });
      }),
      { numRuns: 1000 },
    );
  });

  it('touches no byte but its own 36', () => {
    fc.assert(
      fc.property(fields, fc.nat(255), (message, mask) => {
        const bytes = new Uint8Array(10 + headerBytes + 10).fill(0xee);
        write(bytes, 10, mask, message);
        expect([...bytes.subarray(0, 10), ...bytes.subarray(10 + headerBytes)]).toEqual(Array(20).fill(0xee));
      }),
    );
  });

  it('is printable ASCII that JSON need not escape', () => {
    fc.assert(
      fc.property(fields, (message) => {
        const text = Buffer.from(headerOf(message)).toString('latin1');
        expect(text).toMatch(/^[\x20-\x7e]{36}$/);
        expect(JSON.stringify(text)).toBe(`"${text}"`);
      }),
    );
  });

  it('keeps the whole microseconds of its times', () => {
    const bytes = new Uint8Array(headerBytes);
    const header = new Header();
    writeHeader(bytes, 0, 0, 1, 2, 1000.9, 2000.9, true);
    expect(readHeader(bytes, 0, header)).toBe(true);
    expect([header.dueUs, header.sentUs]).toEqual([1000, 2000]);
  });

  it.each([
    { what: 'sent before it was due', sentUs: 400, readUs: 500 },
    { what: 'sent when it was due', sentUs: 500, readUs: 500 },
    { what: 'sent as late as can be written', sentUs: 500 + most30Bits, readUs: 500 + most30Bits },
    { what: 'sent later than can be written', sentUs: 500 + 2 ** 40, readUs: 500 + most30Bits },
  ])('of a message $what says $readUs', ({ sentUs, readUs }) => {
    const bytes = new Uint8Array(headerBytes);
    const header = new Header();
    writeHeader(bytes, 0, 0, 0, 0, 500, sentUs, false);
    expect(readHeader(bytes, 0, header)).toBe(true);
    expect([header.dueUs, header.sentUs]).toEqual([500, readUs]);
  });
});

describe('a damaged header', () => {
  it('is refused after every change of any one byte', () => {
    fc.assert(
      fc.property(fields, (message) => {
        const bytes = headerOf(message);
        let passed = 0;
        for (let at = 0; at < headerBytes; at++) {
          const right = bytes[at]!;
          for (let flip = 1; flip < 256; flip++) {
            bytes[at] = right ^ flip;
            if (accepted(bytes)) passed++;
          }
          bytes[at] = right;
        }
        expect(passed).toBe(0);
        expect(accepted(bytes)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('is refused when it is cut anywhere', () => {
    fc.assert(
      fc.property(fields, fc.nat(headerBytes - 1), fc.nat(9), (message, length, at) => {
        const bytes = new Uint8Array(at + headerBytes);
        write(bytes, at, 0, message);
        expect(accepted(bytes.subarray(0, at + length), at)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('is refused when a field of it comes from another message, but for one in many thousands', () => {
    const random = seededRandom(1);
    const below = (limit: number): number => Math.floor(random.next() * limit);
    const message = (): Fields => ({
      sender: below(maxSenders),
      sequence: below(maxSequence),
      dueUs: below(2 ** 50),
      lagUs: below(most30Bits),
      measured: true,
    });
    const ends = [0, 4, 12, 24, 32];
    let passed = 0;
    for (let i = 0; i < 20_000; i++) {
      const bytes = headerOf(message());
      const [from, to] = [ends[i % 4]!, ends[(i % 4) + 1]!];
      bytes.set(headerOf(message()).subarray(from, to), from);
      if (accepted(bytes)) passed++;
    }
    // 19 bits of check let one of 500,000 pass by chance.
    expect(passed).toBeLessThan(3);
  });

  it('is refused when two neighbouring digits of it are swapped', () => {
    let passed = 0;
    fc.assert(
      fc.property(fields, fc.nat(headerBytes - 2), (message, at) => {
        const bytes = headerOf(message);
        const [one, other] = [bytes[at]!, bytes[at + 1]!];
        [bytes[at], bytes[at + 1]] = [other, one];
        if (one !== other && accepted(bytes)) passed++;
      }),
      { numRuns: 1000, seed: 1 },
    );
    expect(passed).toBe(0);
  });

  it('leaves what was read before untouched', () => {
    const header = new Header();
    readHeader(headerOf({ sender: 5, sequence: 6, dueUs: 7, lagUs: 8, measured: true }), 0, header);
    expect(readHeader(new Uint8Array(headerBytes), 0, header)).toBe(false);
    expect({ ...header }).toEqual({ sender: 5, sequence: 6, dueUs: 7, sentUs: 15, measured: true });
  });

  it('is refused when it is noise', () => {
    const noise = fc.uint8Array({ minLength: headerBytes, maxLength: headerBytes });
    fc.assert(fc.property(noise, (bytes) => !accepted(bytes)));
  });
});

describe('the padding', () => {
  const sizes = fc.integer({ min: headerBytes, max: 300 });

  it('is intact, whatever the header before it says', () => {
    fc.assert(
      fc.property(sizes, fields, fc.nat(20), (size, message, at) => {
        const bytes = new Uint8Array(at + size);
        bytes.set(blankMessage(size), at);
        write(bytes, at, 0, message);
        expect(paddingIntact(bytes, at, blankMessage(size))).toBe(true);
      }),
    );
  });

  it('is not intact after any change of any one byte', () => {
    fc.assert(
      fc.property(
        sizes.filter((size) => size > headerBytes),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (size, n, flip) => {
          const bytes = blankMessage(size);
          bytes[headerBytes + (n % (size - headerBytes))]! ^= flip;
          expect(paddingIntact(bytes, 0, blankMessage(size))).toBe(false);
        },
      ),
    );
  });

  it('is not intact when bytes of it are missing', () => {
    expect(paddingIntact(blankMessage(99), 0, blankMessage(100))).toBe(false);
  });

  it('is not intact when two of its bytes are swapped', () => {
    const bytes = blankMessage(64);
    [bytes[40], bytes[41]] = [bytes[41]!, bytes[40]!];
    expect(paddingIntact(bytes, 0, blankMessage(64))).toBe(false);
  });
});
