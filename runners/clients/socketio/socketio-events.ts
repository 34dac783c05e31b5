/** Messages as Socket.IO events, in both directions: `42["message","…"]`, or `451-["message",{…}]` and its bytes. */

import { eventName } from '../../../core/target.js';
import { namespacePart, packetStart } from '../own/utterance-text.js';
import { opcodes } from '../websocket/frame.js';
import type { Dialect } from '../wire/wire-client.js';
import { type DataPacket, holds, SocketioConnection, socketioPath } from './socketio-connection.js';
import { eventArgs, firstPlaceholder } from './socketio-packet.js';

/** What stands around a message in the usual form of its packet, in both directions. */
interface EventForm {
  readonly start: Buffer;
  readonly end: Buffer;
  /** The packet before the attachment that is the message. */
  readonly binary: Buffer;
}

const forms = new Map<string, EventForm>();

function formIn(namespace: string): EventForm {
  const known = forms.get(namespace);
  if (known) return known;
  const form = {
    start: Buffer.from(packetStart({ namespace }, 2) + eventArgs.start),
    end: Buffer.from(eventArgs.end),
    binary: Buffer.from(`451-${namespacePart(namespace)}${JSON.stringify([eventName, firstPlaceholder])}`),
  };
  forms.set(namespace, form);
  return form;
}

/** What an event carries, if it is the one that carries messages. */
export function messageIn({ type, namespace, id, args }: DataPacket, own: string): unknown {
  const isMessage = type === 'event' && namespace === own && id === undefined && args[0] === eventName;
  return isMessage && args.length === 2 ? args[1] : undefined;
}

class EventConnection extends SocketioConnection {
  readonly #form = formIn(this.namespace);

  message(isText: boolean, bytes: Buffer, start: number, end: number): boolean {
    const form = this.#form;
    if (isText && this.mayBeUsual) {
      const { payload } = this.client.setup;
      if (payload.type === 'text') {
        const payloadAt = start + form.start.length;
        const payloadEnd = end - form.end.length;
        if (
          payloadEnd - payloadAt === payload.sizeBytes &&
          holds(bytes, start, form.start) &&
          holds(bytes, payloadEnd, form.end)
        )
          return this.deliver(bytes, payloadAt, payloadEnd);
      } else if (end - start === form.binary.length && holds(bytes, start, form.binary)) return this.awaitAttachment();
    }
    return this.otherMessage(isText, bytes, start, end);
  }

  protected carriedBy(packet: DataPacket): unknown {
    return messageIn(packet, this.namespace);
  }

  protected deliver(bytes: Buffer, start: number, end: number): boolean {
    const { setup, receivedUs } = this.client;
    return setup.inbox.message(this.receiver, bytes, start, end, receivedUs);
  }
}

export const eventDialect: Dialect = {
  path: socketioPath,
  frames: ({ payload, namespace = '/' }, blank) => {
    const { start, end, binary } = formIn(namespace);
    if (payload.type === 'binary')
      return [
        { opcode: opcodes.text, payload: binary },
        { opcode: opcodes.binary, payload: blank, headerAt: 0 },
      ];
    return [{ opcode: opcodes.text, payload: Buffer.concat([start, blank, end]), headerAt: start.length }];
  },
  Connection: EventConnection,
};
