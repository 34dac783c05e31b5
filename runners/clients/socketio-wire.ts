/** Wire client for Socket.IO protocol 5 on Engine.IO protocol 4, over each of its transports. */

import type { ClientFactory } from '../../core/client.js';
import { isAcknowledged } from '../../core/kind.js';
import { ownSocketioDialect } from './wire/own-connections.js';
import { ackDialect } from './wire/socketio-acks.js';
import { eventDialect } from './wire/socketio-events.js';
import { msgpackAckDialect, msgpackEventDialect } from './wire/socketio-msgpack.js';
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
