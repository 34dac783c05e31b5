/**
 * The bytes of one application message: a fixed-width ASCII header and padding. It needs no JSON parsing on either
 * side, stands unescaped inside a JSON string, and holds all that a receiver needs to record a latency, so that no map
 * of messages in flight is needed.
 *
 *     offset  0  4  sender    dense index of the publisher, 20 bits
 *             4  8  sequence  counts up from 0 for each sender, 30 bits as 15 + 15
 *            12 12  due       when the message should have left, us on the host's monotonic clock, 50 bits as 20 + 15 + 15
 *            24  8  lag       sent - due in us, 30 bits as 15 + 15, clamped
 *            32  4  check     1 bit: due in the measured window? and 19 bits of check over all fields
 *            36  -  padding   the alphabet, repeated, or what `payload.content` asks for
 *
 * Digits are base 32 over the contiguous ASCII range '0'..'O' (0x30..0x4F), which holds neither '"' nor '\'. Four of
 * them, 20 bits, are written and read as one 32-bit word: this code runs twice for every message of a trial.
 */

export const headerBytes = 36;

/** How the bytes are sent. */
export const payloadTypes = ['text', 'binary'] as const;
export type PayloadType = (typeof payloadTypes)[number];

const low15 = 0x7fff;
const low30 = 0x3fffffff;
const two30 = 2 ** 30;
const zeros = 0x30303030;
/** Bits that no digit has once `zeros` is subtracted. */
const beyondDigits = 0xe0e0e0e0;
const measuredBit = 0x80000;

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

/** The view of the bytes last asked for: clients read and write the same buffer millions of times. */
class LastView {
  #bytes: Uint8Array | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));

  of(bytes: Uint8Array): DataView {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.#view;
  }
}

const written = new LastView();
const read = new LastView();
const blankRead = new LastView();

/** A payload of `sizeBytes` with its padding in place and its header still to be written. */
export function blankMessage(sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  for (let i = 0; i < sizeBytes; i++) bytes[i] = 0x61 + (i % 26);
  return bytes;
}

/**
 * The last word: the measured bit, 14 bits mixed as murmur3 does, so that changes of several fields do not cancel each
 * other, and the exclusive or of all digits, so that a change of one digit cannot go unseen.
 */
function lastWord(
  sender: number,
  sequence: number,
  dueHigh: number,
  dueLow: number,
  lag: number,
  measured: boolean,
): number {
  let mixed = Math.imul(sender ^ 0x9e3779b9, 0x85ebca6b) ^ sequence;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35) ^ dueLow;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) ^ lag ^ (dueHigh << 10);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  let digits = sender ^ sequence ^ dueHigh ^ dueLow ^ lag;
  digits ^= digits >>> 15;
  digits ^= (digits >>> 5) ^ (digits >>> 10);
  const flag = measured ? measuredBit | 1 : 0;
  return (((mixed >>> 13) & 0x7ffe0) | (digits & 0x1f)) ^ flag;
}

/** Writes 20 bits as four digits. */
function writeWord(view: DataView, at: number, value: number, mask: number): void {
  const digits = (value & 0x1f) | ((value & 0x3e0) << 3) | ((value & 0x7c00) << 6) | ((value & 0xf8000) << 9);
  view.setUint32(at, (digits + zeros) ^ mask);
}

/** Reads four digits; negative when one of them is none. */
function readWord(view: DataView, at: number): number {
  const digits = view.getUint32(at) - zeros;
  if ((digits & beyondDigits) !== 0) return -1;
  return (digits & 0x1f) | ((digits >>> 3) & 0x3e0) | ((digits >>> 6) & 0x7c00) | ((digits >>> 9) & 0xf8000);
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
  const view = written.of(bytes);
  const masks = mask * 0x01010101;
  const due = Math.floor(dueUs);
  const dueHigh = Math.floor(due / two30);
  const dueLow = due - dueHigh * two30;
  const lag = Math.max(0, Math.min(low30, Math.floor(sentUs) - due));
  writeWord(view, at, sender, masks);
  writeWord(view, at + 4, sequence >>> 15, masks);
  writeWord(view, at + 8, sequence & low15, masks);
  writeWord(view, at + 12, dueHigh, masks);
  writeWord(view, at + 16, dueLow >>> 15, masks);
  writeWord(view, at + 20, dueLow & low15, masks);
  writeWord(view, at + 24, lag >>> 15, masks);
  writeWord(view, at + 28, lag & low15, masks);
  writeWord(view, at + 32, lastWord(sender, sequence, dueHigh, dueLow, lag, measured), masks);
}

/** Decodes the header at `at` into `into`; false when it is not a header that `writeHeader` could have written. */
export function readHeader(bytes: Uint8Array, at: number, into: Header): boolean {
  if (at + headerBytes > bytes.length) return false;
  const view = read.of(bytes);
  const sender = readWord(view, at);
  const sequenceHigh = readWord(view, at + 4);
  const sequenceLow = readWord(view, at + 8);
  const dueHigh = readWord(view, at + 12);
  const dueMiddle = readWord(view, at + 16);
  const dueLow = readWord(view, at + 20);
  const lagHigh = readWord(view, at + 24);
  const lagLow = readWord(view, at + 28);
  const last = readWord(view, at + 32);
  const halves = sequenceHigh | sequenceLow | dueMiddle | dueLow | lagHigh | lagLow;
  // A word that is no number is negative, a half of 15 bits that holds more was not written by us.
  if ((sender | dueHigh | last) < 0 || halves >>> 15 !== 0) return false;
  const sequence = (sequenceHigh << 15) | sequenceLow;
  const due30 = (dueMiddle << 15) | dueLow;
  const lag = (lagHigh << 15) | lagLow;
  const measured = last >= measuredBit;
  if (last !== lastWord(sender, sequence, dueHigh, due30, lag, measured)) return false;
  into.sender = sender;
  into.sequence = sequence;
  into.dueUs = dueHigh * two30 + due30;
  into.sentUs = into.dueUs + lag;
  into.measured = measured;
  return true;
}

/**
 * True when the padding after the header is exactly the padding of `blank`, a message of the same size.
 * @param blankAt where it lies in `blank`, which may hold several. @param size of a message.
 */
export function paddingIntact(
  bytes: Uint8Array,
  at: number,
  blank: Uint8Array,
  blankAt = 0,
  size = blank.length,
): boolean {
  if (at + size > bytes.length) return false;
  const view = read.of(bytes);
  const expected = blankRead.of(blank);
  let i = headerBytes;
  for (; i + 8 <= size; i += 8) {
    const value = view.getFloat64(at + i, true);
    // As numbers, eight bytes are equal only when their bits are, but for a zero, which has a sign, and NaN.
    if (
      (value !== expected.getFloat64(blankAt + i, true) || value === 0) &&
      !wordsEqual(view, at + i, expected, blankAt + i)
    )
      return false;
  }
  for (; i + 4 <= size; i += 4) if (view.getUint32(at + i) !== expected.getUint32(blankAt + i)) return false;
  for (; i < size; i++) if (bytes[at + i] !== blank[blankAt + i]) return false;
  return true;
}

/** Whether eight bytes are the same. */
function wordsEqual(one: DataView, at: number, other: DataView, otherAt: number): boolean {
  return one.getUint32(at) === other.getUint32(otherAt) && one.getUint32(at + 4) === other.getUint32(otherAt + 4);
}
