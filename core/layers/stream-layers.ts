/**
 * Deals the bytes of a TCP stream to the layers that put them there: HTTP (RFC 9112), WebSocket frames (RFC 6455, section
 * 5.2), per-message deflate (RFC 7692), Engine.IO packets (protocol 4) and Socket.IO packets (protocol 5), around messages
 * of the trial. What cannot be read is `unexplained`, so that the layers always add up to the stream.
 */

import { inflateRawSync, constants as zlib } from 'node:zlib';
import { MessageFinder } from '../exchange/message-finder.js';
import { headerBytes } from '../payload/message.js';
import { type ByteLayer, byteLayers } from './layers.js';

export interface StreamUnit {
  /** Offset in the stream of the first byte after it. */
  readonly endsAt: number;
  readonly is: 'http' | 'frame';
  /** Messages of the trial in it. */
  readonly messages: number;
  /** Heartbeats in it: pings and pongs of WebSocket and of Engine.IO. */
  readonly heartbeats: number;
  readonly bytes: Readonly<Record<ByteLayer, number>>;
}

export interface StreamFormat {
  readonly protocol: 'websocket' | 'socketio';
  /** Of a message in this direction: its whole size, or `headerBytes` for an acknowledgement. */
  readonly messageBytes: number;
  /** Encrypted: TLS records are all that can be read. */
  readonly secure?: boolean | undefined;
}

/** RFC 8446, section 5: a header of 5 bytes, and inside what is encrypted the type and a tag of 16. */
const tls = { headerBytes: 5, applicationData: 23, addedBytes: 17 } as const;
const separator = 0x1e;
const opcodes = { ping: 0x9, pong: 0xa } as const;
/** RFC 7692, section 7.2.1: a compressed message ends with these, which are not sent. */
const deflateEnd = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/** @param stream all that one side of a TCP connection has sent. */
export function unitsOf(stream: Buffer, format: StreamFormat): StreamUnit[] {
  return new Stream(stream, format).units();
}

interface Dealt {
  readonly bytes: Record<ByteLayer, number>;
  messages: number;
  heartbeats: number;
}

const nothing = (): Record<ByteLayer, number> =>
  Object.fromEntries(byteLayers.map((layer) => [layer, 0])) as Record<ByteLayer, number>;

class Stream {
  readonly #units: StreamUnit[] = [];
  readonly #finder: MessageFinder;
  #at = 0;
  #isWebSocket = false;
  /** Compressed messages so far: a later one may refer to them. */
  #compressed: Buffer[] = [];
  #inflatedBytes = 0;
  /** Of a message whose last frame is still to come. */
  #fragments: Buffer[] = [];
  #isCompressed = false;

  constructor(
    private readonly stream: Buffer,
    private readonly format: StreamFormat,
  ) {
    this.#finder = new MessageFinder(Math.min(format.messageBytes, headerBytes));
  }

  units(): StreamUnit[] {
    const next = () => (this.format.secure ? this.#record() : this.#isWebSocket ? this.#frame() : this.#http());
    while (this.#at < this.stream.length && next());
    const rest = this.stream.length - this.#at;
    if (rest > 0) this.#end('frame', rest, { bytes: { ...nothing(), unexplained: rest }, messages: 0, heartbeats: 0 });
    return this.#units;
  }

  #end(is: StreamUnit['is'], length: number, dealt: Dealt): true {
    this.#at += length;
    this.#units.push({ is, endsAt: this.#at, ...dealt });
    return true;
  }

  /** A record of TLS, of which only the length of what it carries is known. @returns false when it is not whole. */
  #record(): boolean {
    const { stream } = this;
    const from = this.#at;
    if (from + tls.headerBytes > stream.length) return false;
    const length = tls.headerBytes + stream.readUInt16BE(from + 3);
    if (from + length > stream.length) return false;
    const carried = stream[from] === tls.applicationData ? length - tls.headerBytes - tls.addedBytes : 0;
    const bytes = { ...nothing(), tls: length - carried, unexplained: carried };
    return this.#end('frame', length, { bytes, messages: 0, heartbeats: 0 });
  }

  /** A request or response with its body. @returns false when it is not whole. */
  #http(): boolean {
    const headEnd = this.stream.indexOf('\r\n\r\n', this.#at, 'latin1');
    if (headEnd < 0) return false;
    const bodyAt = headEnd + 4;
    const head = this.stream.toString('latin1', this.#at, headEnd);
    if (!/^(HTTP\/1\.1 \d{3}|[A-Z]+ \S+ HTTP\/1\.1\r\n)/.test(head)) return false;
    this.#isWebSocket = /^upgrade: *websocket/im.test(head);
    const dealt: Dealt = { bytes: { ...nothing(), http: bodyAt - this.#at }, messages: 0, heartbeats: 0 };
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    if (bodyAt + length > this.stream.length || /^transfer-encoding:/im.test(head)) return false;
    this.#packets(this.stream.subarray(bodyAt, bodyAt + length), dealt);
    return this.#end('http', bodyAt + length - this.#at, dealt);
  }

  /** The packets of a body of long-polling, between separators. */
  #packets(body: Buffer, dealt: Dealt): void {
    if (this.format.protocol !== 'socketio') {
      dealt.bytes.http += body.length;
      return;
    }
    for (let from = 0; from < body.length; ) {
      const found = body.indexOf(separator, from);
      const to = found < 0 ? body.length : found;
      if (found >= 0) dealt.bytes.engineio++;
      this.#engineioText(body.subarray(from, to), dealt);
      from = to + 1;
    }
  }

  /** @returns false when it is not whole. */
  #frame(): boolean {
    const { stream } = this;
    const from = this.#at;
    const [first = 0, second = 0] = [stream[from], stream[from + 1]];
    const short = second & 0x7f;
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    const keyAt = from + 2 + lengthBytes;
    const payloadAt = keyAt + ((second & 0x80) !== 0 ? 4 : 0);
    if (payloadAt > stream.length) return false;
    const length =
      lengthBytes === 0
        ? short
        : lengthBytes === 2
          ? stream.readUInt16BE(from + 2)
          : Number(stream.readBigUInt64BE(from + 2));
    if (payloadAt + length > stream.length) return false;
    const dealt: Dealt = { bytes: { ...nothing(), websocket: payloadAt - from }, messages: 0, heartbeats: 0 };
    const payload = Buffer.from(stream.subarray(payloadAt, payloadAt + length));
    if (payloadAt > keyAt)
      for (let i = 0; i < length; i++) payload[i] = (payload[i] ?? 0) ^ (stream[keyAt + (i & 3)] ?? 0);
    const opcode = first & 0x0f;
    if (opcode >= 8) {
      dealt.bytes.websocket += length;
      if (opcode === opcodes.ping || opcode === opcodes.pong) dealt.heartbeats++;
    } else this.#fragment(payload, opcode, first, dealt);
    return this.#end('frame', payloadAt + length - from, dealt);
  }

  /** All of a message is dealt at its last frame. */
  #fragment(payload: Buffer, opcode: number, first: number, dealt: Dealt): void {
    if (opcode !== 0) this.#isCompressed = (first & 0x40) !== 0;
    this.#fragments.push(payload);
    if ((first & 0x80) === 0) {
      // What an earlier frame of a message holds is dealt with its last one; until then its sum is open.
      dealt.bytes.unexplained += payload.length;
      return;
    }
    const sent = Buffer.concat(this.#fragments);
    dealt.bytes.unexplained -= sent.length - payload.length;
    this.#fragments = [];
    const message = this.#isCompressed ? this.#inflate(sent) : sent;
    dealt.bytes.deflate += sent.length - message.length;
    if (this.format.protocol === 'websocket') this.#application(message, 'websocket', dealt);
    else if (opcode === 0x2) this.#application(message, 'socketio', dealt);
    else this.#engineioText(message, dealt);
  }

  /** Inflates all messages so far, because their window goes on; each with its own where it does not. */
  #inflate(sent: Buffer): Buffer {
    const inflated = (bytes: Buffer): Buffer => inflateRawSync(bytes, { finishFlush: zlib.Z_SYNC_FLUSH });
    this.#compressed.push(sent, deflateEnd);
    try {
      const all = inflated(Buffer.concat(this.#compressed));
      const message = all.subarray(this.#inflatedBytes);
      this.#inflatedBytes = all.length;
      return message;
    } catch {
      return inflated(Buffer.concat([sent, deflateEnd]));
    }
  }

  /** A digit for the type, then what it carries; or `b` and base64 in place of a binary message over long-polling. */
  #engineioText(packet: Buffer, dealt: Dealt): void {
    const type = String.fromCharCode(packet[0] ?? 0);
    if (type === 'b') {
      const message = Buffer.from(packet.toString('latin1', 1), 'base64');
      dealt.bytes.engineio += packet.length - message.length;
      this.#application(message, 'socketio', dealt);
    } else if (type === '4') {
      dealt.bytes.engineio++;
      this.#application(packet.subarray(1), 'socketio', dealt);
    } else {
      if (type === '2' || type === '3') dealt.heartbeats++;
      dealt.bytes.engineio += packet.length;
    }
  }

  /** What the application said, and what `layer` has put around it. */
  #application(bytes: Buffer, layer: 'websocket' | 'socketio', dealt: Dealt): void {
    const isMessage = this.#finder.find(bytes, 0, bytes.length) >= 0;
    const payload = isMessage ? Math.min(this.format.messageBytes, bytes.length) : 0;
    dealt.bytes.payload += payload;
    // Without a protocol of its own around it, all of a WebSocket message is the user's.
    if (layer === 'websocket') dealt.bytes.payload += bytes.length - payload;
    else dealt.bytes.socketio += bytes.length - payload;
    if (isMessage) dealt.messages++;
  }
}
