/** Owns the wire client for Socket.IO protocol 5 on Engine.IO protocol 4, over WebSocket from the start. */

import { isUtf8 } from 'node:buffer';
import type { ClientFactory } from '../../core/client.js';
import { blankMessage } from '../../core/message.js';
import { eventName } from '../../core/settings.js';
import { closeCodes } from '../wire/close-code.js';
import { engineioTypes, parseEngineioOpen } from '../wire/engineio-packet.js';
import { maskedFrame, opcodes } from '../wire/masked-frame.js';
import { encodeSocketioPacket, parseSocketioPacket, type SocketioPacket } from '../wire/socketio-packet.js';
import { type Dialect, WireClient } from '../wire/wire-client.js';
import { WireConnection } from '../wire/wire-connection.js';

// A message of the trial is `42["message","…"]`, or `451-["message",{…}]` and then its bytes as a binary frame.
const eventStart = Buffer.from(`42${JSON.stringify([eventName]).slice(0, -1)},"`);
const eventEnd = Buffer.from('"]');
const placeholder = { _placeholder: true, num: 0 };
const binaryEvent = Buffer.from(
  `4${encodeSocketioPacket({ type: 'event', namespace: '/', args: [eventName, placeholder], attachments: 1 })}`,
);
const connectFrame = maskedFrame(opcodes.text, Buffer.from('40'));
const pongFrame = maskedFrame(opcodes.text, Buffer.from('3'));

type Stage = 'awaiting-open' | 'awaiting-connect' | 'ready';

class SocketioConnection extends WireConnection {
  #stage: Stage = 'awaiting-open';
  /** Binary messages still to come for the last binary packet. */
  #attachments = 0;
  #attachmentIsMessage = false;

  protected websocketOpened(): void {
    // Nothing to say: the server speaks first.
  }

  message(isText: boolean, bytes: Buffer, start: number, end: number): boolean {
    if (!isText) return this.#attachment(bytes, start, end);
    const { setup, receivedUs } = this.client;
    const payloadAt = start + eventStart.length;
    const payloadEnd = end - eventEnd.length;
    if (this.#stage === 'ready' && this.#attachments === 0) {
      if (setup.payload.type === 'text') {
        if (
          payloadEnd - payloadAt === setup.payload.sizeBytes &&
          holds(bytes, start, eventStart) &&
          holds(bytes, payloadEnd, eventEnd)
        )
          return setup.inbox.message(this.receiver, bytes, payloadAt, payloadEnd, receivedUs);
      } else if (end - start === binaryEvent.length && holds(bytes, start, binaryEvent)) {
        this.#attachments = 1;
        this.#attachmentIsMessage = true;
        return true;
      }
    }
    if (!isUtf8(bytes.subarray(start, end))) return false;
    this.#packet(start < end ? bytes[start] : undefined, bytes, start + 1, end);
    return true;
  }

  #attachment(bytes: Buffer, start: number, end: number): boolean {
    if (this.#attachments === 0) {
      this.fail('socketio:unexpected-attachment', closeCodes.protocolError);
      return false;
    }
    this.#attachments--;
    if (!this.#attachmentIsMessage) return true;
    return this.client.setup.inbox.message(this.receiver, bytes, start, end, this.client.receivedUs);
  }

  /** An Engine.IO packet of `type` with its data from `start`: everything that is not a message of the usual form. */
  #packet(type: number | undefined, bytes: Buffer, start: number, end: number): void {
    switch (type) {
      case engineioTypes.open:
        this.#open(bytes.toString('utf8', start, end));
        return;
      case engineioTypes.ping:
        this.sendFrame(pongFrame);
        return;
      case engineioTypes.noop:
        return;
      case engineioTypes.close:
        this.#leave();
        return;
      case engineioTypes.message:
        if (this.#attachments > 0) this.fail('socketio:missing-attachment', closeCodes.protocolError);
        else this.#socketioPacket(parseSocketioPacket(bytes.toString('utf8', start, end)));
        return;
      default:
        this.fail('engineio:unexpected-packet', closeCodes.protocolError);
    }
  }

  #open(json: string): void {
    const open = this.#stage === 'awaiting-open' ? parseEngineioOpen(json) : undefined;
    if (open === undefined) {
      this.fail('engineio:bad-open', closeCodes.protocolError);
      return;
    }
    // Told now, because later the server would hang up on the first message without a reason.
    if (open.maxPayloadBytes !== undefined && open.maxPayloadBytes < this.client.setup.payload.sizeBytes) {
      this.fail('connect:payload-above-server-limit', closeCodes.normal);
      return;
    }
    this.stageReached('engineio');
    this.#stage = 'awaiting-connect';
    this.sendFrame(connectFrame);
  }

  #socketioPacket(packet: SocketioPacket | undefined): void {
    if (packet === undefined) this.fail('socketio:malformed-packet', closeCodes.protocolError);
    else if (packet.type === 'disconnect') this.#leave();
    else if (packet.type === 'refused' && this.#stage === 'awaiting-connect')
      this.fail('connect:socketio-refused', closeCodes.normal);
    else if (packet.type === 'connect' && this.#stage === 'awaiting-connect' && 'sid' in packet.data) {
      this.stageReached('socketio');
      this.#stage = 'ready';
      this.ready();
    } else if (this.#stage !== 'ready' || packet.type === 'connect' || packet.type === 'refused')
      this.fail('socketio:unexpected-packet', closeCodes.protocolError);
    else this.#event(packet);
  }

  /** An event in an unusual form, or another event, or an acknowledgement nobody asked for. */
  #event({ type, namespace, id, args, attachments }: SocketioPacket & { readonly type: 'event' | 'ack' }): void {
    const { setup, receivedUs } = this.client;
    this.#attachments = attachments;
    this.#attachmentIsMessage = false;
    const value = args[1];
    const isBinary = attachments === 1 && isFirstPlaceholder(value);
    const isMessage = type === 'event' && namespace === '/' && id === undefined && args[0] === eventName;
    if (!isMessage || args.length !== 2 || !(isBinary || (attachments === 0 && typeof value === 'string')))
      setup.inbox.error(this.receiver, `socketio:unexpected-${type}`);
    else if (isBinary !== (setup.payload.type === 'binary')) setup.inbox.error(this.receiver, 'wrong-type');
    else if (isBinary) this.#attachmentIsMessage = true;
    else {
      const text = Buffer.from(value as string);
      setup.inbox.message(this.receiver, text, 0, text.length, receivedUs);
    }
  }

  /** The server has taken leave in its own words: `1` or `41`. */
  #leave(): void {
    if (this.#stage === 'ready') this.gone(0);
    else this.fail('connect:closed', closeCodes.normal);
  }
}

function holds(bytes: Uint8Array, at: number, part: Uint8Array): boolean {
  for (let i = 0; i < part.length; i++) if (bytes[at + i] !== part[i]) return false;
  return true;
}

function isFirstPlaceholder(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { _placeholder, num } = value as Record<string, unknown>;
  return _placeholder === true && num === 0;
}

const dialect: Dialect = {
  path: '/socket.io/?EIO=4&transport=websocket',
  frames: ({ payload }) => {
    const blank = blankMessage(payload.sizeBytes);
    if (payload.type === 'binary')
      return [
        { opcode: opcodes.text, payload: binaryEvent },
        { opcode: opcodes.binary, payload: blank, headerAt: 0 },
      ];
    const whole = Buffer.concat([eventStart, blank, eventEnd]);
    return [{ opcode: opcodes.text, payload: whole, headerAt: eventStart.length }];
  },
  Connection: SocketioConnection,
};

const factory: ClientFactory = {
  name: 'wire',
  protocol: 'socketio',
  transports: ['websocket'],
  create: (setup) => new WireClient(setup, dialect),
};

export default factory;
