/**
 * Frame template: masked frames, built once, of which only the header digits are rewritten for each message, and the padding
 * where messages have different ones. Several messages lie side by side, so that they leave in one write.
 */

import { headerBytes, writeHeader } from '../../../core/payload/message.js';
import type { MessagePool } from '../../../core/payload/message-pool.js';
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

export const mostSlots = 64;
const mostBytes = 256 * 1024;

/** How many messages of at most so many bytes a template holds: 64, fewer when they would take more than 256 KiB, at least 1. */
export function slotsFor(slotBytes: number, most = mostSlots): number {
  return Math.max(1, Math.min(most, Math.floor(mostBytes / slotBytes)));
}

/** As many as the largest sequence number has. */
export const ackIdDigits = 10;

export const ackIdBytes = ({ ackIdAs }: FrameOfMessage): number => (ackIdAs === 'uint32' ? 4 : ackIdDigits);

const zero = 0x30;

/** Writes an id, each byte of it masked with `mask`. */
type WriteId = (bytes: Buffer, at: number, id: number, mask: number) => void;

/** In ten digits, so that it always takes the same place; servers read it as a number. */
const writeDecimal: WriteId = (bytes, idAt, id, mask) => {
  let rest = id;
  for (let at = idAt + ackIdDigits - 1; at >= idAt; at--) {
    const higher = Math.floor(rest / 10);
    bytes[at] = (zero + rest - 10 * higher) ^ mask;
    rest = higher;
  }
};

/** In four bytes, the highest first. */
const writeUint32: WriteId = (bytes, at, id, mask) => {
  bytes.writeUInt32BE((id ^ (mask * 0x01010101)) >>> 0, at);
};

export function ackIdWriter({ ackIdAs }: FrameOfMessage): WriteId {
  return ackIdAs === 'uint32' ? writeUint32 : writeDecimal;
}

/** A message as it goes on the wire, masked, and what is written into it for each sending. */
export class WireMessage {
  readonly bytes: Buffer;
  readonly headerAt: number;
  readonly #ackIdAt: number | undefined;
  readonly #writeId: WriteId;

  constructor(frames: readonly FrameOfMessage[]) {
    this.bytes = Buffer.concat(frames.map(({ opcode, payload }) => maskedFrame(opcode, payload)));
    this.headerAt = offsetOnWire(frames, ({ headerAt }) => headerAt) ?? 0;
    this.#ackIdAt = offsetOnWire(frames, ({ ackIdAt }) => ackIdAt);
    this.#writeId = frames.map(ackIdWriter).find((write) => write !== writeDecimal) ?? writeDecimal;
  }

  /** Writes the header of a copy of this message that starts at `at` of `bytes`, and the id by which it is acknowledged. */
  writeInto(
    bytes: Buffer,
    at: number,
    sender: number,
    sequence: number,
    dueUs: number,
    sentUs: number,
    measured: boolean,
  ): void {
    writeHeader(bytes, at + this.headerAt, maskByte, sender, sequence, dueUs, sentUs, measured);
    // Only messages that ask to be acknowledged have one. It is the sequence number.
    if (this.#ackIdAt !== undefined) this.#writeId(bytes, at + this.#ackIdAt, sequence, maskByte);
  }
}

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

/** Messages of a client that are queued side by side for one socket. */
export interface MessageTemplate {
  /** Messages that it holds. */
  readonly slots: number;
  /** Writes a message into `slot`, those before it having been written; times in us. */
  write(slot: number, sender: number, sequence: number, dueUs: number, sentUs: number, measured: boolean): void;
  /** The first `count` messages as they go on the wire. Not a copy: the next `write` shows through. */
  view(count: number): Buffer;
  /** Leaves the bytes to whoever still holds a view of them, and goes on with others. */
  renew(): void;
}

/** The paddings of a pool as they go on the wire, by the index of their message. */
export interface VariedPaddings {
  readonly pool: MessagePool;
  readonly masked: readonly Uint8Array[];
}

/** @returns undefined where all messages have the same one. */
export function variedPaddings(pool: MessagePool): VariedPaddings | undefined {
  if (pool.count === 1) return undefined;
  return { pool, masked: pool.messages.map((message) => message.slice(headerBytes).map((byte) => byte ^ maskByte)) };
}

/** Messages that are all as long. */
export class FrameTemplate implements MessageTemplate {
  readonly slots: number;
  /** Bytes of one message on the wire. */
  readonly slotBytes: number;
  readonly #message: WireMessage;
  /** All slots. */
  #bytes: Buffer;
  /** The first n slots, made when first asked for: no view is allocated a write. */
  #views: Buffer[] = [];

  /** @param varied where messages have different paddings. */
  constructor(
    frames: readonly FrameOfMessage[],
    slots?: number,
    private readonly varied?: VariedPaddings,
  ) {
    this.#message = new WireMessage(frames);
    const { bytes } = this.#message;
    this.slotBytes = bytes.length;
    this.slots = slotsFor(bytes.length, slots);
    this.#bytes = Buffer.alloc(this.slots * bytes.length, bytes);
  }

  write(slot: number, sender: number, sequence: number, dueUs: number, sentUs: number, measured: boolean): void {
    const at = slot * this.slotBytes;
    if (this.varied) {
      const { pool, masked } = this.varied;
      const padding = masked[pool.indexOf(sender, sequence)];
      if (padding) this.#bytes.set(padding, at + this.#message.headerAt + headerBytes);
    }
    this.#message.writeInto(this.#bytes, at, sender, sequence, dueUs, sentUs, measured);
  }

  view(count: number): Buffer {
    let view = this.#views[count];
    if (view === undefined) {
      view = this.#bytes.subarray(0, count * this.slotBytes);
      this.#views[count] = view;
    }
    return view;
  }

  renew(): void {
    this.#bytes = Buffer.from(this.#bytes);
    this.#views = [];
  }
}
