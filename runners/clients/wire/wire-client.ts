/** Wire client: opens connections, which share the read buffer, the outbox and the time of the current read. */

import { type Client, type ClientSetup, ConnectError, type Opened } from '../../../core/client.js';
import { authorityOf, requestHeaders, requestPath } from '../../../core/exchange/endpoint.js';
import { type Json, placeholdersIn, type Variables } from '../../../core/exchange/placeholders.js';
import { MessagePool } from '../../../core/payload/message-pool.js';
import { StageWatch } from '../connecting/stage-watch.js';
import type { DeflateAgreement } from '../deflate/agreement.js';
import { deflatedFrame } from '../deflate/deflated-frame.js';
import { DeflatedTemplate } from '../deflate/deflated-template.js';
import { parseEngineioOpen } from '../engineio/engineio-packet.js';
import { type WebAddress, withCookies } from '../engineio/http-exchange.js';
import { PolledMessage } from '../engineio/packet-queue.js';
import { Polling } from '../engineio/polling.js';
import {
  ackIdBytes,
  type FrameOfMessage,
  FrameTemplate,
  type MessageTemplate,
  type VariedPaddings,
  variedPaddings,
} from '../websocket/frame-template.js';
import { Handshake } from '../websocket/handshake.js';
import { Outbox } from '../websocket/outbox.js';
import type { TakenOver, WireShared } from '../websocket/websocket-transport.js';
import type { PollingSession, WireConnection } from './wire-connection.js';

/** What one protocol puts on top of the WebSocket. */
export interface Dialect {
  /** Path of the handshake request; not used for a user's own server. */
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

export class WireClient implements Client, WireShared {
  readonly readBuffer = Buffer.allocUnsafeSlow(readBufferBytes);
  receivedUs = 0;
  /** Whether each connection has texts of its own, and so an outbox of its own. */
  readonly #textsDiffer: boolean;
  /** By the window in bits that messages are compressed for, 0 where they are not. */
  readonly #outboxes = new Map<number, Outbox>();
  /** Where all connections have the same texts. */
  #polledMessage: PolledMessage | undefined;
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

  handshakeOf(receiver: number, address: string, room: number | undefined, session?: TakenOver): Handshake {
    const { protocol, compression, own } = this.setup;
    const where = this.#whereFor(receiver, address, room);
    const engineio = { EIO: '4', transport: 'websocket', ...(session && { sid: session.sid }) };
    const path = where.pathOf(protocol === 'socketio' ? engineio : {});
    const headers = withCookies(where.headers, session?.cookies ?? '');
    const { subprotocols = [] } = own?.endpoint ?? {};
    return new Handshake(where.authority, path, undefined, {
      headers,
      subprotocols,
      deflate: compression !== undefined,
    });
  }

  /** Where the requests of one connection go. */
  #whereFor(receiver: number, address: string, room: number | undefined): WebAddress {
    const { own, port, trust } = this.setup;
    const at = { address, port, trust };
    if (own === undefined) {
      const inRoom = room === undefined ? {} : { room: String(room) };
      const authority = authorityOf({ hostname: address, port });
      return { ...at, authority, headers: {}, pathOf: (query) => pathWith(this.dialect.path, { ...query, ...inRoom }) };
    }
    const { endpoint } = own;
    const variables = own.variablesOf(receiver);
    return {
      ...at,
      authority: authorityOf(endpoint),
      headers: requestHeaders(endpoint, variables),
      pathOf: (query) => requestPath(endpoint, variables, query),
    };
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

  async open(receiver: number, address: string, room?: number): Promise<Opened> {
    const session = this.setup.transport === 'websocket' ? undefined : await this.#poll(receiver, address, room);
    return new Promise((resolve, reject) => {
      new this.#Connection(this, { receiver, address, room, session, resolve, reject }).begin();
    });
  }

  /** @param receiver whose texts they are, where these differ. */
  #polledMessageFor(receiver?: number): PolledMessage {
    const [blank = new Uint8Array()] = this.#pool.messages;
    const variables = receiver === undefined ? {} : this.setup.own?.variablesOf(receiver);
    return new PolledMessage(this.dialect.frames(this.setup, blank, variables), this.#pool);
  }

  /** Undefined where it begins by long-polling and no message is sent over that. */
  #polledMessageOf(receiver: number): PolledMessage | undefined {
    if (this.setup.transport !== 'polling') return undefined;
    if (this.#textsDiffer) return this.#polledMessageFor(receiver);
    this.#polledMessage ??= this.#polledMessageFor();
    return this.#polledMessage;
  }

  /** Begins a session by long-polling. */
  async #poll(receiver: number, address: string, room: number | undefined): Promise<PollingSession> {
    const { clock, connectTimeoutMs, transport } = this.setup;
    const watch = new StageWatch(clock);
    const where = this.#whereFor(receiver, address, room);
    const polling = new Polling(where, watch, this.readBuffer, this.#polledMessageOf(receiver));
    const timer = setTimeout(() => polling.end(new ConnectError('connect:timeout')), connectTimeoutMs);
    try {
      const engineio = parseEngineioOpen((await polling.open()).slice(1));
      if (engineio === undefined) throw new ConnectError('engineio:bad-open');
      if (transport === 'upgrade' && !engineio.upgrades.includes('websocket'))
        throw new ConnectError('connect:upgrade', 'the server offers no upgrade to WebSocket');
      watch.end('engineio');
      return { polling, watch, engineio };
    } catch (error) {
      polling.end();
      watch.stop();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

function pathWith(path: string, query: Readonly<Record<string, string>>): string {
  const search = new URLSearchParams(query).toString();
  return search === '' ? path : `${path}?${search}`;
}
