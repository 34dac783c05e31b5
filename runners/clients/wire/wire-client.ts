/** Wire client: opens connections, which share the read buffer, the outbox and the time of the current read. */

import type { Client, ClientSetup, Opened } from '../../../core/client.js';
import { type FrameOfMessage, templateOf } from './frame-template.js';
import { Outbox } from './outbox.js';
import type { WireConnection, WireShared } from './wire-connection.js';

/** What one protocol puts on top of the WebSocket. */
export interface Dialect {
  /** Path and query of the handshake request, without a room. */
  readonly path: string;
  /** The frames of one message to be sent, header still blank. */
  frames(setup: ClientSetup): readonly FrameOfMessage[];
  readonly Connection: new (...args: ConstructorParameters<typeof WireConnection>) => WireConnection;
}

const readBufferBytes = 256 * 1024;

export class WireClient implements Client, WireShared {
  readonly path: string;
  readonly readBuffer = Buffer.allocUnsafeSlow(readBufferBytes);
  readonly outbox: Outbox;
  receivedUs = 0;
  readonly #Connection: Dialect['Connection'];

  constructor(
    readonly setup: ClientSetup,
    dialect: Dialect,
  ) {
    this.path = dialect.path;
    this.outbox = new Outbox(templateOf(dialect.frames(setup)));
    this.#Connection = dialect.Connection;
  }

  open(receiver: number, address: string, room?: number): Promise<Opened> {
    return new Promise((resolve, reject) => {
      new this.#Connection(this, receiver, address, room, resolve, reject);
    });
  }
}
