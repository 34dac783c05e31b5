/** Wire client for Socket.IO protocol 5 on Engine.IO protocol 4, over each of its transports. */

import type { ClientFactory } from '../../core/client.js';
import { isAcknowledged } from '../../core/kind.js';
import { ackDialect } from './socketio/socketio-acks.js';
import { eventDialect } from './socketio/socketio-events.js';
import { msgpackAckDialect, msgpackEventDialect } from './socketio/socketio-msgpack.js';
import { ownSocketioDialect } from './wire/own-connections.js';
import { WireClient } from './wire/wire-client.js';

/** By parser: of events, and of events that are acknowledged. */
const dialects = {
  default: [eventDialect, ackDialect],
  msgpack: [msgpackEventDialect, msgpackAckDialect],
} as const;

export default {
  name: 'wire',
  protocol: 'socketio',
  transports: ['websocket', 'polling', 'upgrade'],
  create: (setup) => {
    if (setup.own) return new WireClient(setup, ownSocketioDialect);
    const [events, acks] = dialects[setup.parser ?? 'default'];
    return new WireClient(setup, isAcknowledged(setup.kind) ? acks : events);
  },
} satisfies ClientFactory;
