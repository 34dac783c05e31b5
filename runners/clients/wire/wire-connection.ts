/**
 * Wire connection, from its first packet to its end: what carries it, and every way to end. The protocol inside the messages
 * is in its subclasses.
 */

import type { Connection, ConnectStage, Opened } from '../../../core/client.js';
import { Opening } from '../connecting/opening.js';
import type { StageWatch } from '../connecting/stage-watch.js';
import type { EngineioOpen } from '../engineio/engineio-packet.js';
import type { Polling } from '../engineio/polling.js';
import { closeCodes, maskedFrame, opcodes } from '../websocket/frame.js';
import { type FrameViolation, frameViolations } from '../websocket/frame-parser.js';
import {
  type TakenOver,
  WebSocketTransport,
  type WebSocketUser,
  type WireShared,
  type WireTransport,
} from '../websocket/websocket-transport.js';

/** A session of Engine.IO that has begun by long-polling. */
export interface PollingSession {
  readonly polling: Polling;
  readonly watch: StageWatch;
  readonly engineio: EngineioOpen;
}

/** The connection that is asked for. */
export interface Asked {
  readonly receiver: number;
  readonly address: string;
  readonly room: number | undefined;
  /** That it takes up. */
  readonly session?: PollingSession | undefined;
  resolve(opened: Opened): void;
  reject(error: Error): void;
}

export abstract class WireConnection implements Connection, WebSocketUser {
  readonly receiver: number;
  protected readonly session: PollingSession | undefined;
  /** The one that is used, or will be. */
  protected readonly websocket: WebSocketTransport | undefined;
  #transport: WireTransport;
  #opening: Opening | undefined;
  #ended = false;

  /** Use `open`. */
  constructor(
    protected readonly client: WireShared,
    { receiver, address, room, session, resolve, reject }: Asked,
  ) {
    const { connectTimeoutMs, clock, transport } = client.setup;
    const passedMs = session ? session.watch.passedUs / 1000 : 0;
    const timeout = setTimeout(() => this.#timedOut(), connectTimeoutMs - passedMs);
    this.receiver = receiver;
    this.session = session;
    this.#opening = new Opening(clock, resolve, reject, timeout, session?.watch);
    const webSocket = (): WebSocketTransport =>
      new WebSocketTransport(
        client,
        this,
        address,
        client.handshakeOf(receiver, address, room, session && takenOver(session)),
        session?.watch,
      );
    if (session === undefined) {
      this.websocket = webSocket();
      this.#transport = this.websocket;
    } else {
      this.#transport = session.polling;
      this.websocket = transport === 'polling' ? undefined : webSocket();
    }
  }

  /** To be called once it is made: takes up the session that has begun. */
  begin(): void {}

  /** What the server is asked before the connection is ready and has not answered, for the user. */
  protected get awaited(): string | undefined {
    return undefined;
  }

  #timedOut(): void {
    const { awaited } = this;
    this.fail(awaited === undefined ? 'connect:timeout' : 'connect:join-unanswered', closeCodes.normal, awaited);
  }

  abstract websocketOpened(): void;
  abstract message(isText: boolean, bytes: Buffer, start: number, end: number): boolean;

  get opening(): Opening | undefined {
    return this.#opening;
  }

  refused(errorClass: string, answer?: string): void {
    this.fail(this.session ? 'connect:upgrade' : errorClass, closeCodes.none, answer);
  }

  /** The WebSocket takes over from long-polling. */
  protected useWebSocket(): void {
    if (this.websocket) this.#transport = this.websocket;
  }

  send(sender: number, sequence: number, dueUs: number, sentUs: number, measured: boolean): boolean {
    return !this.#ended && this.#transport.send(sender, sequence, dueUs, sentUs, measured);
  }

  flush(): void {
    this.#transport.flush();
  }

  pauseReading(): void {
    if (!this.#ended) this.#transport.pauseReading();
  }

  resumeReading(): void {
    if (!this.#ended) this.#transport.resumeReading();
  }

  close(): void {
    if (!this.#end()) return;
    this.websocket?.reset();
    this.session?.polling.reset();
  }

  ping(bytes: Buffer, start: number, end: number): void {
    this.websocket?.sendFrame(maskedFrame(opcodes.pong, bytes.subarray(start, end)));
  }

  closing(code: number): void {
    if (this.#opening !== undefined) this.fail(`connect:closed-${code}`, code);
    else this.gone(code, code);
  }

  violation(violation: FrameViolation): void {
    this.fail(violation, frameViolations[violation]);
  }

  /** Sends what is not one of the messages of the trial; dropped when the server does not read. */
  protected sendPacket(packet: string | Uint8Array): void {
    if (!this.#ended) this.#transport.packet(packet);
  }

  protected stageReached(stage: ConnectStage): void {
    this.#opening?.reached(stage, this.websocket?.tcp);
  }

  /** Every handshake is done. */
  protected ready(): void {
    const opening = this.#opening;
    if (opening === undefined) return;
    this.stageReached('ready');
    this.#opening = undefined;
    opening.succeed(this);
  }

  /**
   * Gives the connection up because of what the server did or did not do: counted as `errorClass` when it was ready,
   * the reason why opening failed when it was not. `closeCode` is told to the server and to the inbox.
   */
  protected fail(errorClass: string, closeCode: number, answer?: string): void {
    const opening = this.#opening;
    if (!this.#end()) return;
    this.#hangUp(closeCode);
    if (opening !== undefined) {
      opening.fail(errorClass, answer);
      return;
    }
    this.client.setup.inbox.error(this.receiver, errorClass);
    this.client.setup.inbox.closed(this.receiver, closeCode);
  }

  /** The server has ended the connection, giving `code` (0 for none); answers with `answer`. */
  gone(code: number, answer: number = closeCodes.normal): void {
    if (!this.#end()) return;
    this.#hangUp(answer);
    this.client.setup.inbox.closed(this.receiver, code);
  }

  /** Whether the connection is over. */
  protected get isOver(): boolean {
    return this.#ended;
  }

  /** Marks the end, of which there is only one: false when it has come before. */
  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.session?.watch.stop();
    this.#opening?.stop();
    this.#opening = undefined;
    return true;
  }

  #hangUp(closeCode: number): void {
    this.websocket?.hangUp(closeCode);
    this.session?.polling.reset();
  }
}

function takenOver({ engineio: { sid }, polling: { cookies } }: PollingSession): TakenOver {
  return { sid, cookies };
}
