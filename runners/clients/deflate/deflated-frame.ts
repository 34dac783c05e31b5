/**
 * Compressed frames of messages that differ in a header only (RFC 7692 §7.2.1): compressed once, at set-up. What differs
 * stands in a block without compression, where it can be written in place; what follows it never changes and is compressed
 * by itself. So nothing is compressed while the load runs, and messages never refer to earlier ones, which a client may
 * always do without (§7.1.1.2).
 */

import { constants, deflateRawSync } from 'node:zlib';
import { headerBytes } from '../../../core/payload/message.js';
import type { Compression } from '../../../core/variant/compression.js';

/** RSV1: the message is compressed (§6). */
export const compressedBit = 0x40;

/** Type of the block, and twice its length (RFC 1951 §3.2.4). */
const storedHeadBytes = 5;
const mostStoredBytes = 0xffff;
/** What a flush ends with and a message leaves out: `00 00 ff ff`. */
const tailBytes = 4;
/** For 8 zlib cannot deflate; with 9 it refers back by 250 bytes at most, which a window of 256 holds. */
const leastWindowBits = 9;

interface Compressible {
  readonly opcode: number;
  readonly payload: Uint8Array;
  readonly headerAt?: number;
  readonly ackIdAt?: number;
}

/**
 * `frame`, compressed where it has the bytes for it; the places of what is written into it have moved along.
 * @param ackIdBytes of the id by which a message is acknowledged. @param windowBits 8 to 15, as agreed.
 */
export function deflatedFrame<Frame extends Compressible>(
  frame: Frame,
  ackIdBytes: number,
  windowBits: number,
  { thresholdBytes, memLevel }: Compression,
): Frame {
  const { opcode, payload, headerAt, ackIdAt } = frame;
  const storedBytes = Math.max(
    headerAt === undefined ? 0 : headerAt + headerBytes,
    ackIdAt === undefined ? 0 : ackIdAt + ackIdBytes,
  );
  if (payload.length < thresholdBytes || storedBytes > mostStoredBytes) return frame;
  const rest = deflateRawSync(payload.subarray(storedBytes), {
    windowBits: Math.max(windowBits, leastWindowBits),
    memLevel,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  const head = storedBytes === 0 ? [] : [storedHead(storedBytes), payload.subarray(0, storedBytes)];
  const moved = storedBytes === 0 ? 0 : storedHeadBytes;
  return {
    ...frame,
    opcode: opcode | compressedBit,
    payload: Buffer.concat([...head, rest.subarray(0, rest.length - tailBytes)]),
    ...(headerAt !== undefined && { headerAt: headerAt + moved }),
    ...(ackIdAt !== undefined && { ackIdAt: ackIdAt + moved }),
  };
}

function storedHead(bytes: number): Buffer {
  const head = Buffer.alloc(storedHeadBytes);
  head.writeUInt16LE(bytes, 1);
  head.writeUInt16LE(~bytes & 0xffff, 3);
  return head;
}
