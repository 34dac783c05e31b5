/**
 * Messages as Socket.IO events that ask for an acknowledgement, and the acknowledgements, each with the header of
 * its message: `42<id>["message","…"]` is answered by `43<id>["<header>"]`, `451-<id>["message",{…}]` and its bytes by
 * `461-<id>[{…}]` and its bytes. The id is the sequence number of the message, so that an answer to another message is
 * seen without a list of those in flight.
 */

import { Header, headerBytes, readHeader } from '../../../core/payload/message.js';
import { eventName } from '../../../core/target.js';
import { namespacePart, packetStart } from '../own/utterance-text.js';
import { opcodes } from '../websocket/frame.js';
import { ackIdDigits } from '../websocket/frame-template.js';
import type { WireShared } from '../websocket/websocket-transport.js';
import type { Dialect } from '../wire/wire-client.js';
import { type DataPacket, holds, SocketioConnection, socketioPath } from './socketio-connection.js';
import { eventArgs, firstPlaceholder } from './socketio-packet.js';

const noId = '0'.repeat(ackIdDigits);
const textEnd = Buffer.from(eventArgs.end);
const binaryArgs = JSON.stringify([eventName, firstPlaceholder]);

const textAnswerStart = Buffer.from('["');
const textAnswerEnd = Buffer.from('"]');
const binaryAnswerArgs = Buffer.from(JSON.stringify([firstPlaceholder]));

/** Of the acknowledgement last delivered; one serves all connections. */
const acknowledged = new Header();

/**
 * Hands over what came under an id, unless it is the header of a message of another number. What is no header is the inbox's
 * to count.
 */
export function deliverAnswer(
  { setup: { inbox }, receivedUs }: WireShared,
  receiver: number,
  id: number,
  bytes: Buffer,
  start: number,
  end: number,
): boolean {
  const isHeader = end - start === headerBytes && readHeader(bytes, start, acknowledged);
  if (!isHeader || acknowledged.sequence === id) return inbox.message(receiver, bytes, start, end, receivedUs);
  inbox.error(receiver, 'socketio:wrong-ack-id');
  return true;
}

class AckConnection extends SocketioConnection {
  /** What stands before the id of an acknowledgement. */
  readonly #textStart = Buffer.from(packetStart(this, 3));
  readonly #binaryStart = Buffer.from(`461-${namespacePart(this.namespace)}`);
  /** Of the acknowledgement that is being read. */
  #id = 0;

  message(isText: boolean, bytes: Buffer, start: number, end: number): boolean {
    if (isText && this.mayBeUsual) {
      if (this.client.setup.payload.type === 'text') {
        const headerEnd = end - textAnswerEnd.length;
        const headerAt = headerEnd - headerBytes;
        const argsAt = headerAt - textAnswerStart.length;
        if (
          this.#readId(bytes, start + this.#textStart.length, argsAt) &&
          holds(bytes, start, this.#textStart) &&
          holds(bytes, argsAt, textAnswerStart) &&
          holds(bytes, headerEnd, textAnswerEnd)
        )
          return this.deliver(bytes, headerAt, headerEnd);
      } else {
        const argsAt = end - binaryAnswerArgs.length;
        if (
          this.#readId(bytes, start + this.#binaryStart.length, argsAt) &&
          holds(bytes, start, this.#binaryStart) &&
          holds(bytes, argsAt, binaryAnswerArgs)
        )
          return this.awaitAttachment();
      }
    }
    return this.otherMessage(isText, bytes, start, end);
  }

  protected carriedBy({ type, namespace, id = 0, args }: DataPacket): unknown {
    if (type !== 'ack' || namespace !== this.namespace || args.length !== 1) return undefined;
    this.#id = id;
    return args[0];
  }

  protected deliver(bytes: Buffer, start: number, end: number): boolean {
    return deliverAnswer(this.client, this.receiver, this.#id, bytes, start, end);
  }

  /** Reads the digits from `start` to before `end`; false when there are none, too many, or something else. */
  #readId(bytes: Buffer, start: number, end: number): boolean {
    if (end <= start || end - start > ackIdDigits) return false;
    let id = 0;
    for (let at = start; at < end; at++) {
      const digit = (bytes[at] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) return false;
      id = 10 * id + digit;
    }
    this.#id = id;
    return true;
  }
}

export const ackDialect: Dialect = {
  path: socketioPath,
  frames: ({ payload, namespace = '/' }, blank) => {
    if (payload.type === 'binary') {
      const type = `451-${namespacePart(namespace)}`;
      const packet = Buffer.from(type + noId + binaryArgs);
      return [
        { opcode: opcodes.text, payload: packet, ackIdAt: type.length },
        { opcode: opcodes.binary, payload: blank, headerAt: 0 },
      ];
    }
    const type = packetStart({ namespace }, 2);
    const start = Buffer.from(type + noId + eventArgs.start);
    const whole = Buffer.concat([start, blank, textEnd]);
    return [{ opcode: opcodes.text, payload: whole, headerAt: start.length, ackIdAt: type.length }];
  },
  Connection: AckConnection,
};
