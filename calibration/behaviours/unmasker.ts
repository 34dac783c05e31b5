/** Unmasks frames: turns whole masked frames of a client into those that a server sends (RFC 6455 §5.2). */

const masked = 0x80;
const textFrame = 0x81;
const keyBytes = 4;
const none = Buffer.alloc(0);

/** One unmasked text frame; for texts of up to 65535 bytes. */
export function unmaskedText(text: string): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  const head = length < 126 ? [textFrame, length] : [textFrame, 126, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), payload]);
}

/** Where the payload of the unmasked frame that starts at `at` begins; for payloads of up to 65535 bytes. */
export function payloadAt(frames: Buffer, at: number): number {
  return at + (frames.readUInt8(at + 1) < 126 ? 2 : 4);
}

/** Bytes of the whole unmasked frame that starts at `at`; for payloads of up to 65535 bytes. */
export function unmaskedFrameBytes(frames: Buffer, at: number): number {
  const short = frames.readUInt8(at + 1);
  return short < 126 ? 2 + short : 4 + frames.readUInt16BE(at + 2);
}

/** The frames of one connection. Payloads of up to 65535 bytes; our clients send no longer ones to it. */
export class Unmasker {
  #rest = none;

  /** @returns the whole frames among all bytes so far, without their masks; what is left over waits for the next read. */
  take(read: Buffer): Buffer {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, read]) : read;
    const out = Buffer.allocUnsafe(bytes.length);
    let at = 0;
    let written = 0;
    while (at + 2 <= bytes.length) {
      const short = bytes.readUInt8(at + 1) & ~masked;
      const headBytes = short < 126 ? 2 : 4;
      const payloadAt = at + headBytes + keyBytes;
      if (payloadAt > bytes.length) break;
      const length = short < 126 ? short : bytes.readUInt16BE(at + 2);
      if (payloadAt + length > bytes.length) break;
      out[written] = bytes.readUInt8(at);
      out[written + 1] = short;
      if (headBytes === 4) out.writeUInt16BE(length, written + 2);
      written += headBytes;
      const keyAt = payloadAt - keyBytes;
      for (let i = 0; i < length; i++) out[written + i] = bytes[payloadAt + i]! ^ bytes[keyAt + (i & 3)]!;
      written += length;
      at = payloadAt + length;
    }
    this.#rest = at < bytes.length ? Buffer.from(bytes.subarray(at)) : none;
    return out.subarray(0, written);
  }
}
