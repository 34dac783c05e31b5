/**
 * Socket.IO connection without the messages of a trial: the handshakes of Engine.IO protocol 4 and Socket.IO protocol 5,
 * heartbeats, disconnecting, and packets in an unusual form. The usual form of a message depends on the kind of work: the
 * subclasses read it.
 */

import { isUtf8 } from 'node:buffer';
import type { ConnectError } from '../../../core/client.js';
import { type EngineioOpen, engineioTypes, parseEngineioOpen } from '../engineio/engineio-packet.js';
import { packetStart } from '../own/utterance-text.js';
import { closeCodes } from '../websocket/frame.js';
import { type PollingSession, WireConnection } from '../wire/wire-connection.js';
import { isFirstPlaceholder, parseSocketioPacket, type SocketioPacket } from './socketio-packet.js';

/** Path of the requests to a server of bench. */
export const socketioPath = '/socket.io/';

/** An event, or an acknowledgement of one. */
export type DataPacket = SocketioPacket & { readonly type: 'event' | 'ack' };

type Stage = 'awaiting-open' | 'awaiting-connect' | 'ready';

const probe = 'probe';
/** Failures of a poll that are those of its TCP connection. */
const lost = /^connect:(?:hung-up|reset|[A-Z])/;

export abstract class SocketioConnection extends WireConnection {
  #stage: Stage = 'awaiting-open';
  /** Binary messages still to come for the last binary packet. */
  #attachments = 0;
  #attachmentIsMessage = false;

  /** Whether packets still come and go by long-polling, and then no longer. */
  #awaitsUpgrade = this.session !== undefined && this.websocket !== undefined;
  /** Resolves when the WebSocket has taken over. */
  #takeover: Promise<void> | undefined;

  /** As `socket.io-client` does, it joins by long-polling while the WebSocket opens. */
  override begin(): void {
    const { session, client } = this;
    if (session === undefined) return;
    const { sid, maxPayloadBytes } = session.engineio;
    const { clock, inbox } = client.setup;
    this.#opened(session.engineio);
    const sink = {
      polled: () => {
        client.receivedUs = clock.nowUs();
      },
      message: (isText: boolean, bytes: Buffer, start: number, end: number) => this.message(isText, bytes, start, end),
      endOfPoll: () => {
        if (this.opening === undefined) inbox.endOfRead(this.receiver);
      },
      failed: ({ message, answer }: ConnectError) => {
        if (this.opening) this.fail(message, closeCodes.none, answer);
        else if (lost.test(message)) this.gone(0);
        else this.fail(message.replace('connect:', 'polling:'), closeCodes.none);
      },
    };
    session.polling.begin(sid, sink, maxPayloadBytes);
  }

  websocketOpened(): void {
    // Where no session has begun, the server speaks first.
    if (this.session) this.websocket?.packet(`2${probe}`);
  }

  /** The server has answered over the WebSocket: what it is still asked for over HTTP it answers, and nothing more. */
  async #takeOver({ polling }: PollingSession): Promise<void> {
    await polling.pause();
    if (this.isOver) return;
    this.#awaitsUpgrade = false;
    this.useWebSocket();
    super.sendPacket('5');
    this.stageReached('upgrade');
    if (this.#stage === 'ready') this.connected();
  }

  protected override sendPacket(packet: string | Uint8Array): void {
    if (this.#takeover && this.#awaitsUpgrade) void this.#takeover.then(() => super.sendPacket(packet));
    else super.sendPacket(packet);
  }

  /** Asks to join the namespace. */
  protected connectPacket(): string | Uint8Array {
    return packetStart(this, 0);
  }

  /** In which everything happens. */
  get namespace(): string {
    return this.client.setup.namespace ?? '/';
  }

  /** The namespace is joined, and no upgrade is to come. */
  protected connected(): void {
    this.ready();
  }

  /** What `packet` carries as the message of the trial, alone; undefined when it is not such a packet. */
  protected abstract carriedBy(packet: DataPacket): unknown;
  /** Hands over a message of the trial. @returns true when the bytes are known to be fine. */
  protected abstract deliver(bytes: Buffer, start: number, end: number): boolean;

  /** Whether a packet in the usual form may come now. */
  protected get mayBeUsual(): boolean {
    return this.#stage === 'ready' && this.#attachments === 0;
  }

  /** The next binary message is a message of the trial. @returns true, as `message` does. */
  protected awaitAttachment(): true {
    this.#attachments = 1;
    this.#attachmentIsMessage = true;
    return true;
  }

  /** Everything that is not a packet of the usual form. @returns as `message` does. */
  protected otherMessage(isText: boolean, bytes: Buffer, start: number, end: number): boolean {
    if (!isText) return this.#attachment(bytes, start, end);
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
    return this.#attachmentIsMessage ? this.deliver(bytes, start, end) : true;
  }

  /** An Engine.IO packet of `type` with its data from `start`. */
  #packet(type: number | undefined, bytes: Buffer, start: number, end: number): void {
    switch (type) {
      case engineioTypes.open:
        this.#open(bytes.toString('utf8', start, end));
        return;
      case engineioTypes.ping:
        this.sendPacket('3');
        return;
      case engineioTypes.pong:
        this.#probed(bytes.toString('latin1', start, end));
        return;
      case engineioTypes.noop:
        return;
      case engineioTypes.close:
        this.#leave();
        return;
      case engineioTypes.message:
        if (this.#attachments > 0) this.fail('socketio:missing-attachment', closeCodes.protocolError);
        else this.socketioPacket(this.textPacket(bytes.toString('utf8', start, end)));
        return;
      default:
        this.fail('engineio:unexpected-packet', closeCodes.protocolError);
    }
  }

  #probed(data: string): void {
    if (this.session === undefined || !this.#awaitsUpgrade || this.#takeover || data !== probe)
      this.fail('engineio:unexpected-packet', closeCodes.protocolError);
    else this.#takeover = this.#takeOver(this.session);
  }

  #open(json: string): void {
    const open = this.#stage === 'awaiting-open' ? parseEngineioOpen(json) : undefined;
    if (open === undefined) this.fail('engineio:bad-open', closeCodes.protocolError);
    else this.#opened(open);
  }

  #opened(open: EngineioOpen): void {
    // Told now, because later the server would hang up on the first message without a reason.
    if (open.maxPayloadBytes !== undefined && open.maxPayloadBytes < this.client.setup.payload.sizeBytes) {
      this.fail('connect:payload-above-server-limit', closeCodes.normal);
      return;
    }
    this.stageReached('engineio');
    this.#stage = 'awaiting-connect';
    this.sendPacket(this.connectPacket());
  }

  /** A packet that came as text; undefined when it is malformed. */
  protected textPacket(text: string): SocketioPacket | undefined {
    return parseSocketioPacket(text);
  }

  /** @param packet undefined: it is malformed. */
  protected socketioPacket(packet: SocketioPacket | undefined): void {
    if (packet === undefined) this.fail('socketio:malformed-packet', closeCodes.protocolError);
    else if (packet.type === 'disconnect') this.#leave();
    else if (packet.type === 'refused' && this.#stage === 'awaiting-connect')
      this.fail('connect:socketio-refused', closeCodes.normal, refusalIn(packet.data));
    else if (packet.type === 'connect' && this.#stage === 'awaiting-connect' && 'sid' in packet.data) {
      this.stageReached('socketio');
      this.#stage = 'ready';
      if (!this.#awaitsUpgrade) this.connected();
    } else if (this.#stage !== 'ready' || packet.type === 'connect' || packet.type === 'refused')
      this.fail('socketio:unexpected-packet', closeCodes.protocolError);
    else {
      this.#attachments = packet.attachments;
      this.#attachmentIsMessage = false;
      this.data(packet);
    }
  }

  /** A message in an unusual form, another event, or an acknowledgement nobody asked for. */
  protected data(packet: DataPacket): void {
    const { inbox, payload } = this.client.setup;
    const value = this.carriedBy(packet);
    const isBinary = packet.attachments === 1 && isFirstPlaceholder(value);
    if (!isBinary && (packet.attachments > 0 || typeof value !== 'string'))
      inbox.error(this.receiver, `socketio:unexpected-${packet.type}`);
    else if (isBinary !== (payload.type === 'binary')) inbox.error(this.receiver, 'wrong-type');
    else if (isBinary) this.#attachmentIsMessage = true;
    else {
      const text = Buffer.from(value as string);
      this.deliver(text, 0, text.length);
    }
  }

  /** The server has taken leave in its own words: `1` or `41`. */
  #leave(): void {
    if (this.#stage === 'ready') this.gone(0);
    else this.fail('connect:closed', closeCodes.normal);
  }
}

export function holds(bytes: Uint8Array, at: number, part: Uint8Array): boolean {
  for (let i = 0; i < part.length; i++) if (bytes[at + i] !== part[i]) return false;
  return true;
}

/** What a server says when it lets nobody in: `{ message }`, or a text before protocol 5. */
export function refusalIn(data: string | object): string {
  const { message } = typeof data === 'string' ? { message: data } : (data as { message?: unknown });
  return typeof message === 'string' ? message : JSON.stringify(data);
}
