/**
 * Text form of a histogram: HdrHistogram's V2 compressed encoding in base64, readable by every port of it.
 *
 * Both directions are ours. The library takes 0.1 s to load, in each process of a trial, and reading it trusts the lengths
 * inside: a run of 2^62 zeros keeps it busy for hours, and result files may come from strangers.
 * Source: `encodeIntoCompressedByteBuffer` of HdrHistogram for Java (G. Tene).
 */

import { deflateSync, inflateSync } from 'node:zlib';
import { bucketCount, Histogram, highestUs, lowestUs } from './histogram.js';

const digits = 3;
export const maxEncodedChars = 400_000;
const envelopeBytes = 8;
const headerBytes = 40;
/** A count takes at most 9 bytes (LEB128 over 64 bits). */
const maxInflatedBytes = headerBytes + 9 * bucketCount;
const cookie = 0x1c849303;
const compressedCookie = 0x1c849304;
const wordSizeBits = 0xf0;
/** Counts as ZigZag words of 1 to 9 bytes. */
const zigZagWords = 0x10;

export function encodeHistogram(histogram: Histogram): string {
  const bytes = Buffer.alloc(maxInflatedBytes);
  const end = writeCounts(histogram, bytes, headerBytes);
  bytes.writeUInt32BE(cookie | zigZagWords, 0);
  bytes.writeUInt32BE(end - headerBytes, 4);
  bytes.writeUInt32BE(digits, 12); // before it, how far the counts are shifted: by nothing
  bytes.writeBigUInt64BE(BigInt(lowestUs), 16);
  bytes.writeBigUInt64BE(BigInt(highestUs), 24);
  bytes.writeDoubleBE(1, 32); // what a value stands for
  const deflated = deflateSync(bytes.subarray(0, end));
  const envelope = Buffer.alloc(envelopeBytes);
  envelope.writeUInt32BE(compressedCookie | zigZagWords, 0);
  envelope.writeUInt32BE(deflated.length, 4);
  return Buffer.concat([envelope, deflated]).toString('base64');
}

/** @returns where the counts end. */
function writeCounts(histogram: Histogram, bytes: Buffer, start: number): number {
  let at = start;
  let zeros = 0;
  const write = (word: number): void => {
    let rest = word;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[at++] = 0x80 + (rest % 0x80);
    bytes[at++] = rest;
  };
  for (let index = 0; index < bucketCount; index++) {
    const count = histogram.countAt(index);
    if (count === 0) {
      zeros++;
      continue;
    }
    // A single zero is a count, several are a run: a negative word of ZigZag.
    if (zeros > 0) write(zeros === 1 ? 0 : 2 * zeros - 1);
    zeros = 0;
    write(2 * count);
  }
  // There is at least one count.
  if (at === start) write(0);
  return at;
}

/**
 * Reads what `encodeHistogram` wrote, to the width of a bucket.
 * @param into what is overwritten and returned: for those who read many, because each takes 140 kB.
 * @throws Error, one sentence, when the text is not a histogram with our bounds.
 */
export function decodeHistogram(encoded: string, into = new Histogram()): Histogram {
  into.clear();
  const bytes = inflate(encoded);
  if (bytes.length < headerBytes || (bytes.readUInt32BE(0) & ~wordSizeBits) >>> 0 !== cookie)
    throw new Error('the histogram is not in HdrHistogram V2 format');
  const end = headerBytes + bytes.readUInt32BE(4);
  if (end > bytes.length) throw new Error('the histogram is shorter than it says');
  const bounds = [BigInt(bytes.readUInt32BE(12)), bytes.readBigUInt64BE(16), bytes.readBigUInt64BE(24)];
  if (bounds.join() !== [digits, lowestUs, highestUs].join())
    throw new Error('the histogram has other bounds than 1 us to 60 s at 3 significant digits');
  return readCounts(bytes, headerBytes, end, into);
}

function inflate(encoded: string): Buffer {
  if (encoded.length > maxEncodedChars) throw new Error('the histogram is larger than any of ours can be');
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length < envelopeBytes || (bytes.readUInt32BE(0) & ~wordSizeBits) >>> 0 !== compressedCookie)
    throw new Error('the histogram is not in compressed HdrHistogram V2 format');
  try {
    return inflateSync(bytes.subarray(envelopeBytes, envelopeBytes + bytes.readUInt32BE(4)), {
      maxOutputLength: maxInflatedBytes,
    });
  } catch {
    throw new Error('the histogram cannot be decompressed');
  }
}

/** Counts are ZigZag LEB128 words; a negative one is a run of zeros of that length. */
function readCounts(bytes: Buffer, start: number, end: number, histogram: Histogram): Histogram {
  let at = start;
  let index = 0;
  while (at < end) {
    const first = bytes.readUInt8(at);
    let value = (first >>> 1) ^ -(first & 1);
    // Nearly all words are of one byte, and to read the others by BigInt takes ten times as long.
    if (first < 0x80) at++;
    else {
      let word = 0n;
      let more = true;
      for (let shift = 0n; more; shift += 7n) {
        if (at >= end) throw new Error('the histogram ends in the middle of a count');
        const byte = bytes.readUInt8(at++);
        // The ninth byte is whole: 8 x 7 + 8 = 64 bits.
        more = shift < 56n && byte >= 0x80;
        word |= BigInt(more ? byte & 0x7f : byte) << shift;
      }
      value = Number((word >> 1n) ^ -(word & 1n));
    }
    const zeros = Math.max(0, -value);
    if (index + zeros > bucketCount || (zeros === 0 && index >= bucketCount))
      throw new Error('the histogram has counts above 60 s');
    if (value > Number.MAX_SAFE_INTEGER) throw new Error('the histogram has a count that is too large');
    if (zeros > 0) index += zeros;
    else histogram.addAt(index++, value);
  }
  return histogram;
}
