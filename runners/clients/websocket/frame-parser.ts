/**
 * Frame parser of a WebSocket client (RFC 6455 §5): takes the bytes of one connection and hands over whole messages. Frames that lie whole in what was read are handed over in place; only a frame cut by the end of a read
 * and a fragmented message are copied. An idle parser holds no buffer.
 *
 * It accepts and refuses exactly what the receiver of `ws` does, lengths in longer form than needed included.
 */

import { isUtf8 } from 'node:buffer';
import { compressedBit } from '../deflate/deflated-frame.js';
import type { Inflater } from '../deflate/inflater.js';
import { closeCodes, isSendableCloseCode, opcodes } from './frame.js';

/** What a server can do wrong, and the code of the close frame that answers it. */
export const frameViolations = {
  /** RSV1 to RSV3 set, though no extension was agreed (§5.2), or RSV1 where it may not stand (RFC 7692 §6). */
  'frame:reserved-bits': closeCodes.protocolError,
  'frame:unknown-opcode': closeCodes.protocolError,
  /** A server must not mask (§5.1). */
  'frame:masked': closeCodes.protocolError,
  'frame:fragmented-control': closeCodes.protocolError,
  /** Control frames hold at most 125 bytes (§5.5). */
  'frame:long-control': closeCodes.protocolError,
  'frame:stray-continuation': closeCodes.protocolError,
  /** A new message began before the last fragment of the one before (§5.4). */
  'frame:interrupted-message': closeCodes.protocolError,
  /** A close frame with one byte, or with a code that may not be sent (§5.5.1, §7.4). */
  'frame:bad-close': closeCodes.protocolError,
  /** In a text message or the reason of a close frame (§8.1). */
  'frame:bad-utf8': closeCodes.invalidPayload,
  /** A compressed message that is none, or is not whole (RFC 7692 §7.2.2). */
  'frame:bad-deflate': closeCodes.invalidPayload,
  'frame:too-large': closeCodes.tooLarge,
} as const;

export type FrameViolation = keyof typeof frameViolations;

/** Where a parser hands things to. The bytes are only lent: the buffer is reused as soon as the call returns. */
export interface FrameSink {
  /**
   * One whole text or binary message.
   * @returns true when the bytes are known to be fine; on false a text message is checked to be UTF-8.
   */
  message(isText: boolean, bytes: Buffer, start: number, end: number): boolean;
  ping(bytes: Buffer, start: number, end: number): void;
  /** Left out by who sends no pings. */
  pong?(): void;
  /** A close frame; `code` is 1005 when it held none. Nothing follows. */
  closing(code: number): void;
  /** The server broke the protocol. Nothing follows. */
  violation(violation: FrameViolation): void;
}

const finalText = 0x81;
const finalBinary = 0x82;
const longestControlBytes = 125;

const smallestBytes = 64;

/** Bytes that wait for the rest to come: a buffer that doubles when full, so it is never ahead of what was received. */
class PartialBytes {
  bytes: Buffer;
  length = 0;

  constructor(source: Buffer, start: number, end: number) {
    this.bytes = Buffer.allocUnsafe(Math.max(smallestBytes, end - start));
    this.append(source, start, end);
  }

  append(source: Buffer, start: number, end: number): void {
    const needed = this.length + end - start;
    if (needed > this.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, needed));
      this.bytes.copy(grown, 0, 0, this.length);
      this.bytes = grown;
    }
    source.copy(this.bytes, this.length, start, end);
    this.length = needed;
  }
}

export class FrameParser {
  #stopped = false;
  /** Opcode of the fragmented message that is open, 0 when none is. */
  #fragmented = 0;
  #fragmentedIsCompressed = false;
  /** Payload of the open message so far; undefined while it is empty. */
  #fragments: PartialBytes | undefined;
  /** A frame that the end of the last read has cut. */
  #carry: PartialBytes | undefined;
  /** Bytes of that frame needed before it is worth looking at it again. */
  #wantedBytes = 0;
  /** Where messages may be compressed. */
  #inflater: Inflater | undefined;

  constructor(
    private readonly sink: FrameSink,
    private readonly maxMessageBytes: number,
  ) {}

  /** Nothing is handed over from now on, not even from the read that is being parsed. */
  stop(): void {
    this.#stopped = true;
    this.#carry = undefined;
    this.#fragments = undefined;
    this.#inflater?.close();
    this.#inflater = undefined;
  }

  /** Messages may be compressed from now on. */
  inflateWith(inflater: Inflater): void {
    this.#inflater = inflater;
  }

  /** Memory held for a cut frame and an open message; 0 between whole messages. */
  get heldBytes(): number {
    return (this.#carry?.bytes.length ?? 0) + (this.#fragments?.bytes.length ?? 0);
  }

  /** Takes what one read brought: `bytes` from `start` to before `end`. Never throws. */
  read(bytes: Buffer, start: number, end: number): void {
    let at = this.#carry === undefined ? start : this.#resume(this.#carry, bytes, start, end);
    while (at < end && !this.#stopped) {
      const first = bytes[at] ?? 0;
      const payloadBytes = at + 1 < end ? (bytes[at + 1] ?? 0) : longestControlBytes + 1;
      const next = at + 2 + payloadBytes;
      if (
        payloadBytes <= longestControlBytes &&
        next <= end &&
        (first === finalText || first === finalBinary) &&
        this.#fragmented === 0
      ) {
        this.#message(first === finalText, bytes, at + 2, next);
        at = next;
      } else {
        const after = this.#frame(bytes, at, end);
        if (after === at) {
          if (!this.#stopped) this.#carry = new PartialBytes(bytes, at, end);
          return;
        }
        at = after;
      }
    }
  }

  /** Completes the cut frame from a new read. Returns where the next frame starts, `end` when it is still cut. */
  #resume(carry: PartialBytes, bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && !this.#stopped) {
      const stop = Math.min(end, at + this.#wantedBytes - carry.length);
      carry.append(bytes, at, stop);
      at = stop;
      if (carry.length === this.#wantedBytes && this.#frame(carry.bytes, 0, carry.length) > 0) {
        this.#carry = undefined;
        break;
      }
    }
    return at;
  }

  /** Handles the frame at `at`. Returns where it ends, or `at` itself when it is cut or breaks the protocol. */
  #frame(bytes: Buffer, at: number, end: number): number {
    if (end - at < 2) return this.#want(2, at);
    const first = bytes.readUInt8(at);
    const second = bytes.readUInt8(at + 1);
    const violation = this.#wrongStart(first, second);
    if (violation !== undefined) return this.#refuse(violation, at);

    let headBytes = 2;
    let payloadBytes = second;
    if (second === 126) {
      headBytes = 4;
      if (end - at < headBytes) return this.#want(headBytes, at);
      payloadBytes = bytes.readUInt16BE(at + 2);
    } else if (second === 127) {
      headBytes = 10;
      if (end - at < headBytes) return this.#want(headBytes, at);
      // Inexact above 2^53, but that is far above any limit.
      payloadBytes = bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
    }
    const opcode = first & 0x0f;
    if (opcode < opcodes.close && (this.#fragments?.length ?? 0) + payloadBytes > this.maxMessageBytes)
      return this.#refuse('frame:too-large', at);
    if (end - at < headBytes + payloadBytes) return this.#want(headBytes + payloadBytes, at);

    const start = at + headBytes;
    const stop = start + payloadBytes;
    if (opcode >= opcodes.close) this.#control(opcode, bytes, start, stop);
    else if ((first & (0x80 | compressedBit)) === 0x80 && opcode !== opcodes.continuation)
      this.#message(opcode === opcodes.text, bytes, start, stop);
    else this.#data(first, bytes, start, stop);
    return stop;
  }

  #want(wantedBytes: number, at: number): number {
    this.#wantedBytes = wantedBytes;
    return at;
  }

  #refuse(violation: FrameViolation, at: number): number {
    this.stop();
    this.sink.violation(violation);
    return at;
  }

  /** What the first two bytes of a frame break, if anything. */
  #wrongStart(first: number, second: number): FrameViolation | undefined {
    const opcode = first & 0x0f;
    if ((first & 0x70) !== 0 && !this.#mayBeCompressed(first)) return 'frame:reserved-bits';
    if (opcode > opcodes.pong || (opcode > opcodes.binary && opcode < opcodes.close)) return 'frame:unknown-opcode';
    if ((second & 0x80) !== 0) return 'frame:masked';
    if (opcode >= opcodes.close) {
      if ((first & 0x80) === 0) return 'frame:fragmented-control';
      if (second > longestControlBytes) return 'frame:long-control';
      return opcode === opcodes.close && second === 1 ? 'frame:bad-close' : undefined;
    }
    if (opcode === opcodes.continuation) return this.#fragmented === 0 ? 'frame:stray-continuation' : undefined;
    return this.#fragmented === 0 ? undefined : 'frame:interrupted-message';
  }

  /** No reserved bit but RSV1 is set, at the start of a data message, where that was agreed upon (RFC 7692 §6). */
  #mayBeCompressed(first: number): boolean {
    const opcode = first & 0x0f;
    const isData = opcode === opcodes.text || opcode === opcodes.binary;
    return (first & 0x70) === compressedBit && isData && this.#inflater !== undefined;
  }

  /** Of a compressed message, or a fragment. */
  #data(first: number, bytes: Buffer, start: number, end: number): void {
    const opcode = first & 0x0f;
    const final = (first & 0x80) !== 0;
    const isCompressed = (first & compressedBit) !== 0;
    if (final && opcode !== opcodes.continuation) {
      this.#whole(isCompressed, opcode === opcodes.text, bytes, start, end);
      return;
    }
    if (opcode !== opcodes.continuation) {
      this.#fragmented = opcode;
      this.#fragmentedIsCompressed = isCompressed;
    }
    if (end > start) {
      if (this.#fragments === undefined) this.#fragments = new PartialBytes(bytes, start, end);
      else this.#fragments.append(bytes, start, end);
    }
    if (!final) return;
    const whole = this.#fragments;
    const isText = this.#fragmented === opcodes.text;
    this.#fragmented = 0;
    this.#fragments = undefined;
    const from = whole === undefined ? start : 0;
    this.#whole(this.#fragmentedIsCompressed, isText, whole?.bytes ?? bytes, from, whole?.length ?? start);
  }

  #whole(isCompressed: boolean, isText: boolean, bytes: Buffer, start: number, end: number): void {
    const inflater = this.#inflater;
    if (!isCompressed || inflater === undefined) {
      this.#message(isText, bytes, start, end);
      return;
    }
    const length = inflater.inflate(bytes, start, end);
    if (typeof length === 'string') this.#refuse(length, start);
    else this.#message(isText, inflater.output, 0, length);
  }

  #message(isText: boolean, bytes: Buffer, start: number, end: number): void {
    if (this.sink.message(isText, bytes, start, end) || !isText || this.#stopped) return;
    if (!isUtf8(bytes.subarray(start, end))) this.#refuse('frame:bad-utf8', start);
  }

  #control(opcode: number, bytes: Buffer, start: number, end: number): void {
    if (opcode === opcodes.ping) this.sink.ping(bytes, start, end);
    else if (opcode === opcodes.close) this.#close(bytes, start, end);
    else this.sink.pong?.();
  }

  #close(bytes: Buffer, start: number, end: number): void {
    const code = end > start ? bytes.readUInt16BE(start) : closeCodes.none;
    if (end > start && !isSendableCloseCode(code)) this.#refuse('frame:bad-close', start);
    else if (end > start && !isUtf8(bytes.subarray(start + 2, end))) this.#refuse('frame:bad-utf8', start);
    else {
      this.stop();
      this.sink.closing(code);
    }
  }
}
