/**
 * Owns the bytes of one application message: a fixed-width ASCII header and padding. It needs no JSON parsing on
 * either side, stands unescaped inside a JSON string, and carries all that a receiver needs to record a latency, so
 * that nobody keeps a map of messages in flight.
 *
 *     offset  0  4  sender    dense index of the publisher, 20 bits
 *             4  6  sequence  counts up from 0 for each sender, 30 bits
 *            10 10  due       when the message should have left, us on the host's monotonic clock, 50 bits
 *            20  6  lag       sent - due in us, 30 bits, clamped
 *            26  1  phase     'm' when due in the measured window, 'w' in the warm-up
 *            27  2  check     10 bits folded from all fields above
 *            29  -  padding   the alphabet, repeated
 *
 * Digits are base 32 over the contiguous ASCII range '0'..'O' (0x30..0x4F), which holds neither '"' nor '\', so
 * encoding is one addition and decoding one subtraction a digit.
 */

export const headerBytes = 29;

const zero = 0x30;
const measuredMark = 0x6d; // 'm'
const warmupMark = 0x77; // 'w'
const low30 = 0x3fffffff;
const two30 = 2 ** 30;

export const maxSenders = 2 ** 20;
export const maxSequence = low30;

/** The decoded header of the message last read; one is reused for a whole run, because a sample is never an object. */
export class Header {
  sender = 0;
  sequence = 0;
  dueUs = 0;
  sentUs = 0;
  measured = false;
}

/** A payload of `sizeBytes` with its padding in place and its header still to be written. */
export function blankMessage(sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  for (let i = 0; i < sizeBytes; i++) bytes[i] = 0x61 + (i % 26);
  return bytes;
}

function fold(sender: number, sequence: number, dueHigh: number, dueLow: number, lag: number, mark: number): number {
  const mixed = sender ^ sequence ^ (dueHigh << 3) ^ dueLow ^ lag ^ (mark << 20);
  return (mixed ^ (mixed >>> 10) ^ (mixed >>> 20)) & 1023;
}

/** Writes the 20 or 30 bit `value` as `digits` base-32 digits, each XORed with `mask`. */
function writeDigits(bytes: Uint8Array, at: number, digits: number, value: number, mask: number): void {
  for (let i = at + digits - 1; i >= at; i--) {
    bytes[i] = ((value & 31) + zero) ^ mask;
    value >>>= 5;
  }
}

/**
 * Writes a header at `at`. `mask` is XORed into every byte: 0 for plain bytes, or the repeated byte of a WebSocket
 * masking key, so that a masked frame is patched in place.
 */
export function writeHeader(
  bytes: Uint8Array,
  at: number,
  mask: number,
  sender: number,
  sequence: number,
  dueUs: number,
  sentUs: number,
  measured: boolean,
): void {
  const due = Math.floor(dueUs);
  const dueHigh = Math.floor(due / two30);
  const dueLow = due - dueHigh * two30;
  const lag = Math.max(0, Math.min(low30, Math.floor(sentUs) - due));
  const mark = measured ? measuredMark : warmupMark;
  writeDigits(bytes, at, 4, sender, mask);
  writeDigits(bytes, at + 4, 6, sequence, mask);
  writeDigits(bytes, at + 10, 4, dueHigh, mask);
  writeDigits(bytes, at + 14, 6, dueLow, mask);
  writeDigits(bytes, at + 20, 6, lag, mask);
  bytes[at + 26] = mark ^ mask;
  writeDigits(bytes, at + 27, 2, fold(sender, sequence, dueHigh, dueLow, lag, mark), mask);
}

/** Reads `digits` base-32 digits; a byte outside the alphabet sets bits above the value, which `readHeader` refuses. */
function readDigits(bytes: Uint8Array, at: number, digits: number): number {
  let value = 0;
  for (let i = at; i < at + digits; i++) {
    const digit = bytes[i]! - zero;
    if (digit >>> 5 !== 0) return -1;
    value = (value << 5) | digit;
  }
  return value;
}

/** Decodes the header at `at` into `into`; false when it is not a header that `writeHeader` could have written. */
export function readHeader(bytes: Uint8Array, at: number, into: Header): boolean {
  if (bytes.length - at < headerBytes) return false;
  const sender = readDigits(bytes, at, 4);
  const sequence = readDigits(bytes, at + 4, 6);
  const dueHigh = readDigits(bytes, at + 10, 4);
  const dueLow = readDigits(bytes, at + 14, 6);
  const lag = readDigits(bytes, at + 20, 6);
  const mark = bytes[at + 26]!;
  if ((sender | sequence | dueHigh | dueLow | lag) < 0) return false;
  if (mark !== measuredMark && mark !== warmupMark) return false;
  if (readDigits(bytes, at + 27, 2) !== fold(sender, sequence, dueHigh, dueLow, lag, mark)) return false;
  into.sender = sender;
  into.sequence = sequence;
  into.dueUs = dueHigh * two30 + dueLow;
  into.sentUs = into.dueUs + lag;
  into.measured = mark === measuredMark;
  return true;
}

/** True when the padding after the header is exactly the padding of `blank`, a message of the same size. */
export function paddingIntact(bytes: Uint8Array, at: number, blank: Uint8Array): boolean {
  for (let i = headerBytes; i < blank.length; i++) if (bytes[at + i] !== blank[i]) return false;
  return true;
}
