/**
 * Wire connection, from its first packet to its end: connecting, the handshake, reading, sending and every way to end. The
 * protocol inside the WebSocket messages is in its subclasses.
 */

import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { ClientSetup, Connection, ConnectStage, Opened } from '../../../core/client.js';
import { settings } from '../../../core/target.js';
import type { DeflateAgreement } from '../deflate/agreement.js';
import { Inflater } from '../deflate/inflater.js';
import type { StageWatch } from '../library/stage-watch.js';
import { WatchedSocket } from '../library/watched-socket.js';
import { secured } from '../own/secure-socket.js';
import type { EngineioOpen } from './engineio-packet.js';
import { closeCodes, closeFrame, maskedFrame, opcodes } from './frame.js';
import { FrameParser, type FrameSink, type FrameViolation, frameViolations } from './frame-parser.js';
import type { Handshake } from './handshake.js';
import { failureOf, Opening } from './opening.js';
import type { Outbox } from './outbox.js';
import type { Polling } from './polling.js';

/** Above this many bytes that the kernel has not taken, sending is refused. */
const mostBufferedBytes = 16 * 1024 * 1024;

/** What all connections of one client have in common. */
export interface WireShared {
  readonly setup: ClientSetup;
  /** Every socket reads into this one buffer: a read is parsed to its end before the next one starts. */
  readonly readBuffer: Buffer;
  /** When the read came that is being parsed. */
  receivedUs: number;
  /** @param sid of the session that the WebSocket takes over. */
  handshakeOf(receiver: number, address: string, room: number | undefined, sid?: string): Handshake;
  /** Of one connection alone, or of all. @param deflate where it was agreed upon. */
  outboxOf(receiver: number, deflate?: DeflateAgreement): Outbox;
}

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
  /** The session that it takes over. */
  readonly session?: PollingSession | undefined;
  resolve(opened: Opened): void;
  reject(error: Error): void;
}

export abstract class WireConnection implements Connection, FrameSink {
  /** Of TCP, or of TLS over it. */
  readonly #socket: Socket;
  readonly #tcp: Socket;
  readonly #parser: FrameParser;
  #outbox: Outbox;
  #opening: Opening | undefined;
  #upgraded = false;
  #ended = false;

  protected readonly receiver: number;
  protected readonly session: PollingSession | undefined;

  /** Use `open`. */
  constructor(
    protected readonly client: WireShared,
    { receiver, address, room, session, resolve, reject }: Asked,
  ) {
    const { connectTimeoutMs, clock } = client.setup;
    const passedMs = session ? session.watch.passedUs / 1000 : 0;
    this.receiver = receiver;
    this.session = session;
    this.#parser = new FrameParser(this, settings.maxMessageBytes);
    this.#outbox = client.outboxOf(receiver);
    this.#opening = new Opening(
      clock,
      client.handshakeOf(receiver, address, room, session?.engineio.sid),
      resolve,
      reject,
      setTimeout(() => this.#timedOut(), connectTimeoutMs - passedMs),
      session?.watch,
    );
    this.#tcp = this.#connect(address);
    this.#socket = this.#secured(this.#tcp);
    for (const socket of new Set([this.#tcp, this.#socket]))
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (this.#opening !== undefined) this.#refused(failureOf(error).message);
      });
    this.#socket.once('close', () => {
      if (this.#opening !== undefined) this.#refused('connect:closed');
      else this.gone(0);
    });
  }

  /** To be called once it is made: takes up the session that has begun. */
  begin(): void {}

  #connect(address: string): Socket {
    const { setup, readBuffer } = this.client;
    const callback = (length: number): boolean => {
      this.#read(readBuffer, length);
      return true;
    };
    // Under TLS it is not this socket that is read from.
    const onread = setup.trust ? {} : { onread: { buffer: readBuffer, callback } };
    const to = { host: address, port: setup.port, noDelay: settings.noDelay };
    return this.#dial(to, onread).once('connect', () => {
      this.#opening?.cameIn();
      this.stageReached('tcp');
      if (setup.trust) this.#opening?.wentOut();
      else this.#ask();
    });
  }

  /** @param onread how it is read. */
  #dial(to: TcpNetConnectOpts, onread: object): Socket {
    if (this.session === undefined) return connect({ ...to, ...onread });
    const socket = new WatchedSocket({ ...to, ...onread });
    this.session.watch.watch(socket);
    return socket.connect(to);
  }

  #secured(tcp: Socket): Socket {
    const { trust } = this.client.setup;
    if (trust === undefined) return tcp;
    return secured(tcp, trust)
      .once('secureConnect', () => {
        // The handshake of TLS 1.3 is one round trip.
        this.#opening?.cameIn();
        this.stageReached('tls');
        this.#ask();
      })
      .on('data', (bytes: Buffer) => this.#read(bytes, bytes.length));
  }

  #ask(): void {
    const opening = this.#opening;
    if (opening === undefined) return;
    this.#socket.write(opening.handshake.request, 'latin1');
    opening.wentOut();
  }

  /** What the server is asked before the connection is ready and has not answered, for the user. */
  protected get awaited(): string | undefined {
    return undefined;
  }

  #timedOut(): void {
    const { awaited } = this;
    this.fail(awaited === undefined ? 'connect:timeout' : 'connect:join-unanswered', closeCodes.normal, awaited);
  }

  /** There is no WebSocket. @param answer of the server to the request for one. */
  #refused(errorClass: string, answer?: string): void {
    this.fail(this.session ? 'connect:upgrade' : errorClass, closeCodes.none, answer);
  }

  /** The server has agreed to a WebSocket. */
  protected abstract websocketOpened(): void;
  abstract message(isText: boolean, bytes: Buffer, start: number, end: number): boolean;

  send(sender: number, sequence: number, dueUs: number, sentUs: number, measured: boolean): boolean {
    if (this.#ended || this.#socket.writableLength > mostBufferedBytes) return false;
    this.#outbox.add(this.#socket, sender, sequence, dueUs, sentUs, measured);
    return true;
  }

  flush(): void {
    this.#outbox.flush(this.#socket);
  }

  pauseReading(): void {
    if (!this.#ended) this.#socket.pause();
  }

  resumeReading(): void {
    if (!this.#ended) this.#socket.resume();
  }

  close(): void {
    if (!this.#end()) return;
    // A reset leaves no TIME_WAIT behind, so that ports do not run out from one trial to the next.
    this.#tcp.resetAndDestroy();
  }

  ping(bytes: Buffer, start: number, end: number): void {
    this.sendFrame(maskedFrame(opcodes.pong, bytes.subarray(start, end)));
  }

  closing(code: number): void {
    if (this.#opening !== undefined) this.fail(`connect:closed-${code}`, code);
    else this.gone(code, code);
  }

  violation(violation: FrameViolation): void {
    this.fail(violation, frameViolations[violation]);
  }

  /** Sends a frame that is not one of the messages of the trial; dropped when the server does not read. */
  protected sendFrame(frame: Buffer): void {
    if (this.#ended || this.#socket.writableLength > mostBufferedBytes) return;
    this.#socket.write(frame);
    this.#opening?.wentOut();
  }

  protected stageReached(stage: ConnectStage): void {
    this.#opening?.reached(stage, this.#tcp);
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
  protected gone(code: number, answer: number = closeCodes.normal): void {
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
    this.session?.polling.end();
    this.session?.watch.stop();
    this.#ended = true;
    this.#parser.stop();
    this.#outbox.drop(this.#socket);
    this.#opening?.stop();
    this.#opening = undefined;
    return true;
  }

  #hangUp(closeCode: number): void {
    if (this.#upgraded && this.#socket.writable) this.#socket.write(closeFrame(closeCode));
    this.#socket.destroy();
  }

  #read(bytes: Buffer, length: number): void {
    if (this.#ended) return;
    const { setup } = this.client;
    this.client.receivedUs = setup.clock.nowUs();
    this.#opening?.cameIn();
    const start = this.#upgraded ? 0 : this.#upgrade(bytes, length);
    if (start < length) this.#parser.read(bytes, start, length);
    if (this.#opening === undefined && !this.#ended) setup.inbox.endOfRead(this.receiver);
  }

  /** Returns where the frames start, `length` when there are none yet. */
  #upgrade(bytes: Buffer, length: number): number {
    const handshake = this.#opening?.handshake;
    const outcome = handshake?.read(bytes, length);
    if (typeof outcome === 'string') this.#refused(outcome, handshake?.answer);
    if (typeof outcome !== 'number') return length;
    this.#upgraded = true;
    if (handshake?.deflate) this.#compress(handshake.deflate);
    this.stageReached('websocket');
    this.websocketOpened();
    return outcome;
  }

  #compress(deflate: DeflateAgreement): void {
    const { serverWindowBits, serverTakesOver } = deflate;
    this.#parser.inflateWith(new Inflater(serverWindowBits, serverTakesOver, settings.maxMessageBytes));
    this.#outbox = this.client.outboxOf(this.receiver, deflate);
  }
}
