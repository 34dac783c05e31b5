/**
 * WebSocket frames: opcodes, close codes, and the frames that a client writes: final, masked, of the shortest length (RFC
 * 6455 §5.2, §5.3).
 *
 * The masking key is four times one byte, the same for a whole run, so that a header can be written into a masked frame
 * in place. §5.3 and §10.3 want unpredictable keys to protect proxies from scripts written by strangers; here the
 * payload is our own and goes to the user's own server. The byte is not zero: the `ws` server skips unmasking when the
 * key is zero, which would spare it work that every other client causes.
 */

export const maskByte = 0x5a;

export const opcodes = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

export const closeCodes = {
  normal: 1000,
  protocolError: 1002,
  /** Never on the wire: stands for a close frame without a code (§7.1.5). */
  none: 1005,
  invalidPayload: 1007,
  tooLarge: 1009,
} as const;

/** True when a close frame may carry `code`: the registered ones and the ranges of §7.4.2; never 1004 to 1006, 1015. */
export function isSendableCloseCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
}

const fin = 0x80;
const masked = 0x80;
const keyBytes = 4;

/** Bytes before the payload of a masked frame: start, length (7, 16 or 64 bits) and key. */
export function frameHeaderBytes(payloadBytes: number): number {
  return 2 + (payloadBytes < 126 ? 0 : payloadBytes < 65536 ? 2 : 8) + keyBytes;
}

/** One whole masked frame with `payload`, which is copied; RSV1 may be set in `opcode`. */
export function maskedFrame(opcode: number, payload: Uint8Array): Buffer {
  const length = payload.length;
  const payloadAt = frameHeaderBytes(length);
  const frame = Buffer.alloc(payloadAt + length);
  frame[0] = fin | opcode;
  if (length < 126) frame[1] = masked | length;
  else if (length < 65536) {
    frame[1] = masked | 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = masked | 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.fill(maskByte, payloadAt - keyBytes, payloadAt);
  for (const [i, byte] of payload.entries()) frame[payloadAt + i] = byte ^ maskByte;
  return frame;
}

/** A close frame with `code`, or without one when `code` is 1005 (§5.5.1). */
export function closeFrame(code: number): Buffer {
  return maskedFrame(
    opcodes.close,
    code === closeCodes.none ? new Uint8Array(0) : Uint8Array.of(code >>> 8, code & 0xff),
  );
}
