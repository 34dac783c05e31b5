/** Wire client for plain WebSocket: one frame is one message. */

import type { ClientFactory } from '../../core/client.js';
import { opcodes } from './websocket/frame.js';
import { ownPlainDialect } from './wire/own-connections.js';
import { type Dialect, WireClient } from './wire/wire-client.js';
import { WireConnection } from './wire/wire-connection.js';

class PlainConnection extends WireConnection {
  websocketOpened(): void {
    this.ready();
  }

  message(isText: boolean, bytes: Buffer, start: number, end: number): boolean {
    const { setup, receivedUs } = this.client;
    if (isText === (setup.payload.type === 'text'))
      return setup.inbox.message(this.receiver, bytes, start, end, receivedUs);
    setup.inbox.error(this.receiver, 'wrong-type');
    return false;
  }
}

const dialect: Dialect = {
  path: '/',
  frames: ({ payload }, blank) => [{ opcode: opcodes[payload.type], payload: blank, headerAt: 0 }],
  Connection: PlainConnection,
};

export default {
  name: 'wire',
  protocol: 'websocket',
  transports: ['websocket'],
  create: (setup) => new WireClient(setup, setup.own ? ownPlainDialect : dialect),
} satisfies ClientFactory;
