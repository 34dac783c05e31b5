/**
 * Packets of socket.io-msgpack-parser: each is a map of MessagePack in one binary message, in both directions, with nothing
 * around it. Engine.IO's own packets stay text. The usual form of a message is known by its bytes; all others are decoded.
 */

import { decode, encode } from '@msgpack/msgpack';
import { blankMessage, headerBytes, type PayloadType } from '../../../core/payload/message.js';
import { eventName } from '../../../core/target.js';
import { opcodes } from '../websocket/frame.js';
import type { Dialect } from '../wire/wire-client.js';
import { deliverAnswer } from './socketio-acks.js';
import { type DataPacket, holds, SocketioConnection, socketioPath } from './socketio-connection.js';
import { messageIn } from './socketio-events.js';
import { isEventName, isPlainObject, type SocketioPacket } from './socketio-packet.js';

const types = ['connect', 'disconnect', 'event', 'ack', 'refused'] as const;

/** Reads one packet, as strictly as `parseSocketioPacket` does; undefined when it is malformed. */
export function parseMsgpackPacket(bytes: Uint8Array): SocketioPacket | undefined {
  const packet = decoded(bytes);
  if (!isPlainObject(packet)) return undefined;
  const { type: number, nsp: namespace, data, id } = packet as Readonly<Record<string, unknown>>;
  const type = types[number as number];
  if (typeof number !== 'number' || type === undefined || typeof namespace !== 'string') return undefined;
  if (id !== undefined && !(Number.isSafeInteger(id) && (type === 'event' || type === 'ack'))) return undefined;
  if (type === 'disconnect') return data === undefined ? { type, namespace } : undefined;
  if (type === 'connect') return isPlainObject(data) ? { type, namespace, data } : undefined;
  if (type === 'refused')
    return typeof data === 'string' || isPlainObject(data) ? { type, namespace, data } : undefined;
  if (!Array.isArray(data) || (type === 'event' ? !isEventName(data[0]) : id === undefined)) return undefined;
  return { type, namespace, ...(id !== undefined && { id: id as number }), args: data, attachments: 0 };
}

function decoded(bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}

/** The bytes before and after the message in a packet that holds it. */
interface Around {
  readonly start: Buffer;
  readonly end: Buffer;
}

function around(packet: object, message: Uint8Array): Around {
  const whole = Buffer.from(encode(packet));
  const at = whole.indexOf(message);
  return { start: whole.subarray(0, at), end: whole.subarray(at + message.length) };
}

/** As an application would have the message. */
function asValue(message: Uint8Array, type: PayloadType): string | Uint8Array {
  return type === 'text' ? Buffer.from(message).toString('latin1') : message;
}

const forms = new Map<string, Around>();

/** What the server puts around a message; keys stand in the order in which Socket.IO writes them. */
function formOf(kind: 'event' | 'ack', sizeBytes: number, type: PayloadType, nsp: string): Around {
  const key = `${kind} ${sizeBytes} ${type} ${nsp}`;
  const known = forms.get(key);
  if (known) return known;
  const message = blankMessage(sizeBytes);
  const value = asValue(message, type);
  const packet = kind === 'event' ? { type: 2, data: [eventName, value], nsp } : { id: 0, type: 3, data: [value], nsp };
  const form = around(packet, message);
  forms.set(key, form);
  return form;
}

abstract class MsgpackConnection extends SocketioConnection {
  protected override connectPacket(): Uint8Array {
    return encode({ type: 0, nsp: this.namespace });
  }

  /** Whether the bytes are the usual form of a message, which has been handed over. */
  protected abstract isUsual(bytes: Buffer, start: number, end: number): boolean;

  message(isText: boolean, bytes: Buffer, start: number, end: number): boolean {
    if (isText) return this.otherMessage(isText, bytes, start, end);
    if (!this.mayBeUsual || !this.isUsual(bytes, start, end))
      this.socketioPacket(parseMsgpackPacket(bytes.subarray(start, end)));
    return true;
  }

  /** The parser writes none. */
  protected override textPacket(): undefined {
    return undefined;
  }

  protected override data(packet: DataPacket): void {
    const { inbox, payload } = this.client.setup;
    const value = this.carriedBy(packet);
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    if (!(bytes instanceof Uint8Array)) inbox.error(this.receiver, `socketio:unexpected-${packet.type}`);
    else if ((typeof value === 'string') !== (payload.type === 'text')) inbox.error(this.receiver, 'wrong-type');
    else this.deliver(Buffer.from(bytes), 0, bytes.length);
  }
}

class MsgpackEvents extends MsgpackConnection {
  readonly #form = formOf('event', this.#payload.sizeBytes, this.#payload.type, this.namespace);

  get #payload() {
    return this.client.setup.payload;
  }

  protected isUsual(bytes: Buffer, start: number, end: number): boolean {
    const form = this.#form;
    const payloadAt = start + form.start.length;
    const payloadEnd = end - form.end.length;
    if (payloadEnd - payloadAt !== this.#payload.sizeBytes) return false;
    if (!holds(bytes, start, form.start) || !holds(bytes, payloadEnd, form.end)) return false;
    this.deliver(bytes, payloadAt, payloadEnd);
    return true;
  }

  protected carriedBy(packet: DataPacket): unknown {
    return messageIn(packet, this.namespace);
  }

  protected deliver(bytes: Buffer, start: number, end: number): boolean {
    const { setup, receivedUs } = this.client;
    return setup.inbox.message(this.receiver, bytes, start, end, receivedUs);
  }
}

/** Bytes of a number that is not negative, by the first of them; undefined where it is none of at most 32 bits. */
const numberBytes = (first: number | undefined): number | undefined =>
  first !== undefined && first < 0x80 ? 1 : { 204: 2, 205: 3, 206: 5 }[first ?? 0];

/** Of the map and the key of the id, which stands first in an acknowledgement. */
const idAt = 4;

class MsgpackAcks extends MsgpackConnection {
  readonly #form = formOf('ack', headerBytes, this.client.setup.payload.type, this.namespace);
  /** Of the acknowledgement that is being read. */
  #id = 0;

  protected isUsual(bytes: Buffer, start: number, end: number): boolean {
    const form = this.#form;
    const first = bytes[start + idAt] ?? 0;
    const width = numberBytes(first);
    if (width === undefined) return false;
    const restAt = start + idAt + width;
    const headerAt = end - form.end.length - headerBytes;
    if (headerAt - restAt !== form.start.length - idAt - 1) return false;
    for (let i = 0; i < idAt; i++) if (bytes[start + i] !== form.start[i]) return false;
    for (let i = idAt + 1; i < form.start.length; i++) if (bytes[restAt + i - idAt - 1] !== form.start[i]) return false;
    if (!holds(bytes, headerAt + headerBytes, form.end)) return false;
    this.#id = width === 1 ? first : bytes.readUIntBE(start + idAt + 1, width - 1);
    this.deliver(bytes, headerAt, headerAt + headerBytes);
    return true;
  }

  protected carriedBy({ type, namespace, id = 0, args }: DataPacket): unknown {
    if (type !== 'ack' || namespace !== this.namespace || args.length !== 1) return undefined;
    this.#id = id;
    return args[0];
  }

  protected deliver(bytes: Buffer, start: number, end: number): boolean {
    return deliverAnswer(this.client, this.receiver, this.#id, bytes, start, end);
  }
}

/** A number of five bytes, for an id that is rewritten. */
const anyId = 0xffffffff;

/**
 * What `socket.io-client` sends, its options included, so that the server has as much to read. It writes an id behind the
 * message; before it, it can be rewritten where the message is compressed.
 */
function framesOf(isAcknowledged: boolean): Dialect['frames'] {
  return ({ payload, namespace: nsp = '/' }, blank) => {
    const id = isAcknowledged ? { id: anyId } : {};
    const data = [eventName, asValue(blank, payload.type)];
    const whole = Buffer.from(encode({ type: 2, ...id, data, options: { compress: true }, nsp }));
    const frame = { opcode: opcodes.binary, payload: whole, headerAt: whole.indexOf(blank) };
    const ackIdAt = whole.indexOf(Buffer.from(encode(anyId))) + 1;
    return [isAcknowledged ? { ...frame, ackIdAt, ackIdAs: 'uint32' } : frame];
  };
}

export const msgpackEventDialect: Dialect = {
  path: socketioPath,
  frames: framesOf(false),
  Connection: MsgpackEvents,
};
export const msgpackAckDialect: Dialect = { path: socketioPath, frames: framesOf(true), Connection: MsgpackAcks };
