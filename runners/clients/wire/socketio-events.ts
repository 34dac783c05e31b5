/** Messages as Socket.IO events, in both directions: `42["message","…"]`, or `451-["message",{…}]` and its bytes. */

import { blankMessage } from '../../../core/message.js';
import { eventName } from '../../../core/target.js';
import { opcodes } from './frame.js';
import { type DataPacket, holds, SocketioConnection, socketioPath } from './socketio-connection.js';
import { eventArgs, firstPlaceholder } from './socketio-packet.js';
import type { Dialect } from './wire-client.js';

const eventStart = Buffer.from(`42${eventArgs.start}`);
const eventEnd = Buffer.from(eventArgs.end);
const binaryEvent = Buffer.from(`451-${JSON.stringify([eventName, firstPlaceholder])}`);

class EventConnection extends SocketioConnection {
  message(isText: boolean, bytes: Buffer, start: number, end: number): boolean {
    if (isText && this.mayBeUsual) {
      const { payload } = this.client.setup;
      if (payload.type === 'text') {
        const payloadAt = start + eventStart.length;
        const payloadEnd = end - eventEnd.length;
        if (
          payloadEnd - payloadAt === payload.sizeBytes &&
          holds(bytes, start, eventStart) &&
          holds(bytes, payloadEnd, eventEnd)
        )
          return this.deliver(bytes, payloadAt, payloadEnd);
      } else if (end - start === binaryEvent.length && holds(bytes, start, binaryEvent)) return this.awaitAttachment();
    }
    return this.otherMessage(isText, bytes, start, end);
  }

  protected carriedBy({ type, namespace, id, args }: DataPacket): unknown {
    const isMessage = type === 'event' && namespace === '/' && id === undefined && args[0] === eventName;
    return isMessage && args.length === 2 ? args[1] : undefined;
  }

  protected deliver(bytes: Buffer, start: number, end: number): boolean {
    const { setup, receivedUs } = this.client;
    return setup.inbox.message(this.receiver, bytes, start, end, receivedUs);
  }
}

export const eventDialect: Dialect = {
  path: socketioPath,
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
  Connection: EventConnection,
};
