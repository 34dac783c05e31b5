/** Wire client: opens connections, which share the read buffer, the outbox and the time of the current read. */

import { isIPv6 } from 'node:net';
import type { Client, ClientSetup, Opened } from '../../../core/client.js';
import { authorityOf, requestHeaders, requestPath } from '../../../core/exchange/endpoint.js';
import { type Json, placeholdersIn, type Variables } from '../../../core/exchange/placeholders.js';
import { MessagePool } from '../../../core/payload/message-pool.js';
import type { DeflateAgreement } from '../deflate/agreement.js';
import { deflatedFrame } from '../deflate/deflated-frame.js';
import { DeflatedTemplate } from '../deflate/deflated-template.js';
import {
  ackIdBytes,
  type FrameOfMessage,
  FrameTemplate,
  type MessageTemplate,
  type VariedPaddings,
  variedPaddings,
} from './frame-template.js';
import { Handshake } from './handshake.js';
import { Outbox } from './outbox.js';
import type { WireConnection, WireShared } from './wire-connection.js';

/** What one protocol puts on top of the WebSocket. */
export interface Dialect {
  /** Path and query of the handshake request, without a room; not used for a user's own server. */
  readonly path: string;
  /**
   * The frames of one message to be sent. @param blank the message, its header still to be written. @param variables of the
   * connection, for a user's own server.
   */
  frames(setup: ClientSetup, blank: Uint8Array, variables?: Variables): readonly FrameOfMessage[];
  readonly Connection: new (...args: ConstructorParameters<typeof WireConnection>) => WireConnection;
}

const readBufferBytes = 256 * 1024;
/** Of an outbox that serves one connection: messages that leave in one write. */
const fewSlots = 4;
const engineioQuery = { EIO: '4', transport: 'websocket' } as const;

export class WireClient implements Client, WireShared {
  readonly readBuffer = Buffer.allocUnsafeSlow(readBufferBytes);
  receivedUs = 0;
  /** Whether each connection has texts of its own, and so an outbox of its own. */
  readonly #textsDiffer: boolean;
  /** By the window in bits that messages are compressed for, 0 where they are not. */
  readonly #outboxes = new Map<number, Outbox>();
  readonly #Connection: Dialect['Connection'];
  readonly #pool: MessagePool;
  /** Where messages have different paddings. */
  readonly #varied: VariedPaddings | undefined;

  constructor(
    readonly setup: ClientSetup,
    private readonly dialect: Dialect,
  ) {
    const { own } = setup;
    this.#textsDiffer =
      own !== undefined && placeholdersIn(own.endpoint.exchange.send as Json | undefined).join() !== 'message';
    this.#Connection = dialect.Connection;
    const pool = new MessagePool(setup.payload);
    this.#pool = pool;
    this.#varied = variedPaddings(pool);
  }

  handshakeOf(receiver: number, address: string, room: number | undefined): Handshake {
    const { own, port, protocol, compression } = this.setup;
    const deflate = compression !== undefined;
    if (own === undefined) {
      const authority = `${isIPv6(address) ? `[${address}]` : address}:${port}`;
      const path = room === undefined ? this.dialect.path : pathWithRoom(this.dialect.path, room);
      return new Handshake(authority, path, undefined, { deflate });
    }
    const { endpoint } = own;
    const variables = own.variablesOf(receiver);
    const path = requestPath(endpoint, variables, protocol === 'socketio' ? engineioQuery : {});
    const { subprotocols } = endpoint;
    const headers = requestHeaders(endpoint, variables);
    return new Handshake(authorityOf(endpoint), path, undefined, { headers, subprotocols, deflate });
  }

  outboxOf(receiver: number, deflate?: DeflateAgreement): Outbox {
    if (this.#textsDiffer) return new Outbox(this.#templateFor(deflate, receiver, fewSlots));
    const windowBits = deflate?.clientWindowBits ?? 0;
    const known = this.#outboxes.get(windowBits);
    if (known) return known;
    const made = new Outbox(this.#templateFor(deflate));
    this.#outboxes.set(windowBits, made);
    return made;
  }

  /** @param receiver whose texts they are, where these differ. */
  #templateFor(deflate: DeflateAgreement | undefined, receiver?: number, slots?: number): MessageTemplate {
    const { setup, dialect } = this;
    const { compression, own } = setup;
    const variables = receiver === undefined ? {} : own?.variablesOf(receiver);
    const framesOf = (blank: Uint8Array): readonly FrameOfMessage[] => {
      const frames = dialect.frames(setup, blank, variables);
      if (deflate === undefined || compression === undefined) return frames;
      return frames.map((frame) => deflatedFrame(frame, ackIdBytes(frame), deflate.clientWindowBits, compression));
    };
    if (deflate !== undefined && this.#varied) return new DeflatedTemplate(this.#pool, framesOf);
    const [blank = new Uint8Array()] = this.#pool.messages;
    return new FrameTemplate(framesOf(blank), slots, this.#varied);
  }

  open(receiver: number, address: string, room?: number): Promise<Opened> {
    return new Promise((resolve, reject) => {
      new this.#Connection(this, receiver, address, room, resolve, reject);
    });
  }
}

function pathWithRoom(path: string, room: number): string {
  return `${path}${path.includes('?') ? '&' : '?'}room=${room}`;
}
