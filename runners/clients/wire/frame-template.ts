/**
 * Frame template: masked frames, built once, of which only the header digits are rewritten for each message. Several
 * messages lie side by side, so that they leave in one write.
 */

import { writeHeader } from '../../../core/message.js';
import { frameHeaderBytes, maskByte, maskedFrame } from './frame.js';

/** One frame of a message. A protocol that needs several frames for a message lists them in order. */
export interface FrameOfMessage {
  readonly opcode: number;
  readonly payload: Uint8Array;
  /** Where in `payload` the header of the message starts; exactly one frame of a message has it. */
  readonly headerAt?: number;
  /** Where in `payload` the id starts by which the server acknowledges the message. */
  readonly ackIdAt?: number;
  /** How it is written: in ten decimal digits, unless it says otherwise. */
  readonly ackIdAs?: 'uint32';
}

const mostSlots = 64;
const mostBytes = 256 * 1024;

/** Offset on the wire of what lies at `inPayload` of a frame; undefined when no frame has it. */
function offsetOnWire(
  frames: readonly FrameOfMessage[],
  inPayload: (frame: FrameOfMessage) => number | undefined,
): number | undefined {
  let bytesBefore = 0;
  for (const frame of frames) {
    const payloadAt = bytesBefore + frameHeaderBytes(frame.payload.length);
    const at = inPayload(frame);
    if (at !== undefined) return payloadAt + at;
    bytesBefore = payloadAt + frame.payload.length;
  }
  return undefined;
}

export class FrameTemplate {
  /** Messages that it holds: 64, fewer when they would take more than 256 KiB, at least 1. */
  readonly slots: number;
  /** Bytes of one message on the wire. */
  readonly slotBytes: number;
  readonly #headerAt: number;
  /** All slots. */
  protected bytes: Buffer;
  /** The first n slots, made when first asked for: no view is allocated a write. */
  #views: Buffer[] = [];

  constructor(frames: readonly FrameOfMessage[], slots = mostSlots) {
    const message = Buffer.concat(frames.map(({ opcode, payload }) => maskedFrame(opcode, payload)));
    this.#headerAt = offsetOnWire(frames, ({ headerAt }) => headerAt) ?? 0;
    this.slotBytes = message.length;
    this.slots = Math.max(1, Math.min(slots, Math.floor(mostBytes / message.length)));
    this.bytes = Buffer.alloc(this.slots * message.length, message);
  }

  /** Writes the header of the message in `slot`; times in us. */
  write(slot: number, sender: number, sequence: number, dueUs: number, sentUs: number, measured: boolean): void {
    const at = slot * this.slotBytes + this.#headerAt;
    writeHeader(this.bytes, at, maskByte, sender, sequence, dueUs, sentUs, measured);
  }

  /** The first `count` messages as they go on the wire. Not a copy: the next `write` shows through. */
  view(count: number): Buffer {
    let view = this.#views[count];
    if (view === undefined) {
      view = this.bytes.subarray(0, count * this.slotBytes);
      this.#views[count] = view;
    }
    return view;
  }

  /** Leaves the bytes to whoever still holds a view of them, and goes on with a copy. */
  renew(): void {
    this.bytes = Buffer.from(this.bytes);
    this.#views = [];
  }
}

/** As many as the largest sequence number has. */
export const ackIdDigits = 10;

export const ackIdBytes = ({ ackIdAs }: FrameOfMessage): number => (ackIdAs === 'uint32' ? 4 : ackIdDigits);

const zero = 0x30;

/** Messages that ask to be acknowledged: besides the header, the id is rewritten for each. It is the sequence number. */
abstract class AcknowledgedTemplate extends FrameTemplate {
  constructor(
    frames: readonly FrameOfMessage[],
    private readonly ackIdAt: number,
    slots?: number,
  ) {
    super(frames, slots);
  }

  override write(
    slot: number,
    sender: number,
    sequence: number,
    dueUs: number,
    sentUs: number,
    measured: boolean,
  ): void {
    super.write(slot, sender, sequence, dueUs, sentUs, measured);
    this.writeId(slot * this.slotBytes + this.ackIdAt, sequence);
  }

  protected abstract writeId(at: number, id: number): void;
}

/** In ten digits, so that it always takes the same place; servers read it as a number. */
class DecimalIds extends AcknowledgedTemplate {
  protected writeId(idAt: number, id: number): void {
    const { bytes } = this;
    let rest = id;
    for (let at = idAt + ackIdDigits - 1; at >= idAt; at--) {
      const higher = Math.floor(rest / 10);
      bytes[at] = (zero + rest - 10 * higher) ^ maskByte;
      rest = higher;
    }
  }
}

/** In four bytes, the highest first. */
class BinaryIds extends AcknowledgedTemplate {
  protected writeId(at: number, id: number): void {
    this.bytes.writeUInt32BE((id ^ (maskByte * 0x01010101)) >>> 0, at);
  }
}

/** The template for `frames`, which rewrites an id only where one of them has it. */
export function templateOf(frames: readonly FrameOfMessage[], slots?: number): FrameTemplate {
  const ackIdAt = offsetOnWire(frames, (frame) => frame.ackIdAt);
  if (ackIdAt === undefined) return new FrameTemplate(frames, slots);
  const isBinary = frames.some(({ ackIdAs }) => ackIdAs === 'uint32');
  return new (isBinary ? BinaryIds : DecimalIds)(frames, ackIdAt, slots);
}
