/** The text form of a histogram: what other HdrHistogram tools read in it, and what a stranger may put in its place. */

import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { bucketCount, Histogram, highestOf, highestUs } from '../dist/core/measure/histogram.js';
import { decodeHistogram, encodeHistogram } from '../dist/core/measure/histogram-encoding.js';

const latencyUs = fc.double({ min: 0, max: Math.log(highestUs), noNaN: true }).map((log) => Math.floor(Math.exp(log)));
const latencies = fc.array(latencyUs, { maxLength: 300 });

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

const countsOf = (histogram: Histogram): number[] =>
  Array.from({ length: bucketCount }, (_, i) => histogram.countAt(i));

describe('an encoded histogram', () => {
  it('decodes to the same counts, its other figures within the width of a bucket', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const before = histogramOf(values);
        const after = decodeHistogram(encodeHistogram(before));
        expect(countsOf(after)).toEqual(countsOf(before));
        expect(after.count).toBe(before.count);
        for (const figure of ['min', 'max', 'mean'] as const) {
          expect(after[figure]).toBeGreaterThanOrEqual(before[figure]);
          expect(after[figure]).toBeLessThanOrEqual(before[figure] * 1.001);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('encodes, once decoded, to the same text again', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const text = encodeHistogram(histogramOf(values));
        expect(encodeHistogram(decodeHistogram(text))).toBe(text);
      }),
      { numRuns: 25 },
    );
  });

  it('says the same to hdr-histogram-js as to us', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const text = encodeHistogram(histogramOf(values));
        const theirs = decodeFromCompressedBase64(text);
        const ours = decodeHistogram(text);
        expect(theirs.totalCount).toBe(values.length);
        // Of no values there are no quantiles.
        for (const percent of values.length === 0 ? [] : [1, 25, 50, 75, 90, 99, 99.9, 100]) {
          const top = Math.min(theirs.getValueAtPercentile(percent), highestUs);
          expect(ours.quantile(percent / 100)).toBe(top);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('holds values at both ends of the range, and none beyond', () => {
    const ends = decodeHistogram(encodeHistogram(histogramOf([1, highestUs])));
    expect([ends.count, ends.min, ends.max, ends.quantile(1)]).toEqual([2, 1, highestUs, highestUs]);
  });

  it.each([1, 127, 128, 2 ** 31, 2 ** 32 + 5, 2 ** 40 + 3, Number.MAX_SAFE_INTEGER])(
    'holds a count of %d exactly',
    (count) => {
      const histogram = new Histogram();
      histogram.addAt(100, count);
      histogram.addAt(9000, 1);
      const decoded = decodeHistogram(encodeHistogram(histogram));
      expect([decoded.countAt(100), decoded.countAt(9000)]).toEqual([count, 1]);
    },
  );

  it('with something in every bucket is still small enough to be read', () => {
    const counts = fc.sample(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), { numRuns: bucketCount, seed: 1 });
    const full = new Histogram();
    for (const [index, count] of counts.entries()) full.addAt(index, count);
    const decoded = decodeHistogram(encodeHistogram(full));
    expect(countsOf(decoded)).toEqual(counts);
  });
});

/** The body of a histogram as HdrHistogram V2 has it: 40 bytes of header and the counts. */
function body(counts: Buffer, change: (header: Buffer) => void = () => {}): Buffer {
  const header = Buffer.alloc(40);
  header.writeUInt32BE(0x1c849313, 0);
  header.writeUInt32BE(counts.length, 4);
  header.writeUInt32BE(3, 12);
  header.writeBigUInt64BE(1n, 16);
  header.writeBigUInt64BE(BigInt(highestUs), 24);
  header.writeDoubleBE(1, 32);
  change(header);
  return Buffer.concat([header, counts]);
}

/** Compresses a body and puts it in its envelope. */
function envelope(inside: Buffer, saysBytes?: number): string {
  const compressed = deflateSync(inside);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(0x1c849314, 0);
  head.writeUInt32BE(saysBytes ?? compressed.length, 4);
  return Buffer.concat([head, compressed]).toString('base64');
}

/** A count as ZigZag LEB128 of at most 9 bytes; a negative one is a run of zeros. */
function word(value: bigint): Buffer {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const bytes: number[] = [];
  while (bytes.length < 8 && rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

const words = (...values: bigint[]): Buffer => Buffer.concat(values.map(word));

/** Either a histogram whose figures are sane, or an error of one sentence. */
function outcomeOf(text: string): 'histogram' | 'error' {
  let histogram: Histogram;
  try {
    histogram = decodeHistogram(text);
  } catch (error) {
    expect(Object.getPrototypeOf(error)).toBe(Error.prototype);
    expect((error as Error).message).toMatch(/^the histogram [^\n]{5,100}$/);
    return 'error';
  }
  expect(histogram.count).toBeGreaterThanOrEqual(0);
  expect(histogram.max).toBeLessThanOrEqual(highestUs);
  expect(histogram.quantile(0.99)).toBeLessThanOrEqual(highestUs);
  return 'histogram';
}

const bits62 = 2n ** 62n;
const bits63 = 2n ** 63n;

describe('what a stranger may send as a histogram', () => {
  it('is read as HdrHistogram says when it is one', () => {
    const histogram = decodeHistogram(envelope(body(words(-5n, 3n, 0n, 2n, -100n, 7n))));
    expect([5, 6, 7, 108].map((index) => histogram.countAt(index))).toEqual([3, 0, 2, 7]);
    expect([histogram.count, histogram.min, histogram.max]).toEqual([12, 5, 108]);
  });

  it.each<[string, string, RegExp]>([
    ['nothing', '', /compressed HdrHistogram/],
    ['text that is not base64', '<script>alert(1)</script>', /compressed HdrHistogram/],
    ['only an envelope', envelope(Buffer.alloc(0)).slice(0, 10), /compressed HdrHistogram/],
    ['an envelope of another format', Buffer.alloc(64).toString('base64'), /compressed HdrHistogram/],
    ['an envelope that says 0 bytes', envelope(body(words(1n)), 0), /decompressed/],
    ['an empty body', envelope(Buffer.alloc(0)), /not in HdrHistogram V2/],
    ['half a header', envelope(body(words()).subarray(0, 39)), /not in HdrHistogram V2/],
    ['a body of another format', envelope(body(words(), (header) => header.writeUInt32BE(0x1c849301))), /not in Hdr/],
    ['counts said to be 4 GB', envelope(body(words(1n), (header) => header.writeUInt32BE(0xffffffff, 4))), /shorter/],
    ['a count more said than there is', envelope(body(words(1n), (header) => header.writeUInt32BE(2, 4))), /shorter/],
    ['2 significant digits', envelope(body(words(1n), (header) => header.writeUInt32BE(2, 12))), /other bounds/],
    ['a lowest value of 0', envelope(body(words(1n), (header) => header.writeUInt32BE(0, 20))), /other bounds/],
    ['a highest value of 2^63', envelope(body(words(1n), (header) => header.writeUInt8(0x80, 24))), /other bounds/],
    ['a run of 2^62 zeros', envelope(body(words(-bits62, 1n))), /above 60 s/],
    ['a run of 2^63 zeros', envelope(body(words(-bits63))), /above 60 s/],
    ['a run of one zero too many', envelope(body(words(BigInt(-bucketCount - 1)))), /above 60 s/],
    ['a count after the last bucket', envelope(body(words(BigInt(-bucketCount), 1n))), /above 60 s/],
    ['a zero after the last bucket', envelope(body(words(BigInt(-bucketCount), 0n))), /above 60 s/],
    ['a count of 2^53', envelope(body(words(2n ** 53n))), /too large/],
    ['a count of 2^63 - 1', envelope(body(words(bits63 - 1n))), /too large/],
    ['a count cut in the middle', envelope(body(Buffer.from([0x80]))), /middle of a count/],
    ['a bomb of 64 MB of zeros', envelope(Buffer.alloc(64 << 20)), /decompressed/],
    ['a megabyte of base64', 'A'.repeat(1 << 20), /larger than any/],
  ])('is refused in a sentence when it is %s', (_, text, reason) => {
    expect(() => decodeHistogram(text)).toThrow(reason);
    expect(outcomeOf(text)).toBe('error');
  });

  it('may fill the last bucket and end there', () => {
    const last = decodeHistogram(envelope(body(words(BigInt(1 - bucketCount), 4n))));
    expect([last.count, last.max]).toEqual([4, highestUs]);
    expect(decodeHistogram(envelope(body(words(BigInt(-bucketCount))))).count).toBe(0);
  });

  it('is refused when it is cut anywhere', () => {
    const bytes = Buffer.from(encodeHistogram(histogramOf([1, 50, 3000, 3000, 70_000, highestUs])), 'base64');
    for (let length = 0; length < bytes.length; length++)
      expect(outcomeOf(bytes.toString('base64', 0, length))).toBe('error');
  });

  it('is a histogram or an error, whatever characters it is made of', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => void outcomeOf(text)));
  });

  it('is a histogram or an error, whatever bytes are compressed', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void outcomeOf(envelope(Buffer.from(bytes)))));
  });

  it('is a histogram or an error, whatever bytes stand for the counts', () => {
    const seen = { histogram: 0, error: 0 };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (counts) => {
        seen[outcomeOf(envelope(body(Buffer.from(counts))))]++;
      }),
      { numRuns: 300 },
    );
    // Both must have been tried, or this proves little.
    expect(Math.min(seen.histogram, seen.error)).toBeGreaterThan(0);
  });

  it('is a histogram or an error after any change of a valid one', () => {
    const valid = Buffer.from(encodeHistogram(histogramOf([1, 50, 3000, 3000, 70_000, highestUs])), 'base64');
    const change = fc.record({ at: fc.nat(valid.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(valid);
        for (const { at, to } of changes) bytes[at] = to;
        outcomeOf(bytes.toString('base64'));
      }),
      { numRuns: 500 },
    );
  });

  it('is a histogram or an error after any change inside the compression', () => {
    const valid = body(words(-7n, 3n, -2000n, 1n, 500n, -12_000n, 9n));
    const change = fc.record({ at: fc.nat(valid.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(valid);
        for (const { at, to } of changes) bytes[at] = to;
        outcomeOf(envelope(bytes));
      }),
      { numRuns: 500 },
    );
  });
});

it('the highest bucket is the one of 60 s', () => {
  expect(highestOf(bucketCount - 2)).toBeLessThan(highestUs);
  expect(highestOf(bucketCount - 1)).toBeGreaterThanOrEqual(highestUs);
});
