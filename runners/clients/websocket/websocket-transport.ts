/** WebSocket of a wire connection: connecting, the handshake, reading and sending frames, and its end. */

import type { Socket } from 'node:net';
import type { ClientSetup, Connection } from '../../../core/client.js';
import { settings } from '../../../core/target.js';
import { dial, onErrors } from '../connecting/dial.js';
import { failureOf, type Opening } from '../connecting/opening.js';
import type { StageWatch } from '../connecting/stage-watch.js';
import type { DeflateAgreement } from '../deflate/agreement.js';
import { Inflater } from '../deflate/inflater.js';
import { closeFrame, maskedFrame, opcodes } from './frame.js';
import { FrameParser, type FrameSink } from './frame-parser.js';
import type { Handshake } from './handshake.js';
import type { Outbox } from './outbox.js';

/** What carries the messages of a connection. */
export interface WireTransport extends Omit<Connection, 'close'> {
  /** Sends what is not one of the messages of the trial; dropped when the server does not read. */
  packet(packet: string | Uint8Array): void;
}

/** The session that a WebSocket takes over. */
export interface TakenOver {
  readonly sid: string;
  /** That the server has set; empty where there are none. */
  readonly cookies: string;
}

/** What all connections of one client have in common. */
export interface WireShared {
  readonly setup: ClientSetup;
  /** Every socket reads into this one buffer: a read is parsed to its end before the next one starts. */
  readonly readBuffer: Buffer;
  /** When the read came that is being parsed. */
  receivedUs: number;
  handshakeOf(receiver: number, address: string, room: number | undefined, session?: TakenOver): Handshake;
  /** Of one connection alone, or of all. @param deflate where it was agreed upon. */
  outboxOf(receiver: number, deflate?: DeflateAgreement): Outbox;
}

/** The connection that it carries. */
export interface WebSocketUser extends FrameSink {
  readonly receiver: number;
  /** Undefined once every handshake is done. */
  readonly opening: Opening | undefined;
  /** The server has agreed. */
  websocketOpened(): void;
  /** There is no WebSocket. @param answer of the server to the request for one. */
  refused(errorClass: string, answer?: string): void;
  /** The server has ended it, giving `code` (0 for none). */
  gone(code: number): void;
}

/** Above this many bytes that the kernel has not taken, sending is refused. */
const mostBufferedBytes = 16 * 1024 * 1024;

export class WebSocketTransport implements WireTransport {
  /** Of TCP, or of TLS over it. */
  readonly #socket: Socket;
  readonly tcp: Socket;
  readonly #parser: FrameParser;
  #outbox: Outbox;
  /** Undefined once the server has agreed. */
  #handshake: Handshake | undefined;
  #ended = false;

  /** @param watch where other TCP connections belong to the same opening. */
  constructor(
    private readonly client: WireShared,
    private readonly user: WebSocketUser,
    address: string,
    handshake: Handshake,
    watch?: StageWatch,
  ) {
    this.#handshake = handshake;
    this.#parser = new FrameParser(user, settings.maxMessageBytes);
    this.#outbox = client.outboxOf(user.receiver);
    const { port, trust } = client.setup;
    const read = (bytes: Buffer, length: number): void => this.#read(bytes, length);
    const dialled = dial({ address, port, trust }, client.readBuffer, read, watch);
    this.tcp = dialled.tcp.once('connect', () => this.#connected());
    this.#socket = dialled.socket.once('secureConnect', () => this.#secured());
    onErrors(dialled, (error) => {
      if (user.opening !== undefined) user.refused(failureOf(error).message);
    });
    this.#socket.once('close', () => {
      if (this.#ended) return;
      if (user.opening !== undefined) user.refused('connect:closed');
      else user.gone(0);
    });
  }

  send(sender: number, sequence: number, dueUs: number, sentUs: number, measured: boolean): boolean {
    if (this.#socket.writableLength > mostBufferedBytes) return false;
    this.#outbox.add(this.#socket, sender, sequence, dueUs, sentUs, measured);
    return true;
  }

  flush(): void {
    this.#outbox.flush(this.#socket);
  }

  packet(packet: string | Uint8Array): void {
    const opcode = typeof packet === 'string' ? opcodes.text : opcodes.binary;
    this.sendFrame(maskedFrame(opcode, Buffer.from(packet)));
  }

  sendFrame(frame: Buffer): void {
    if (this.#ended || this.#socket.writableLength > mostBufferedBytes) return;
    this.#socket.write(frame);
    this.user.opening?.wentOut();
  }

  pauseReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  /** Ends at once. It leaves no TIME_WAIT behind, so that ports do not run out from one trial to the next. */
  reset(): void {
    this.#end();
    this.tcp.resetAndDestroy();
  }

  /** Ends, telling the server why. */
  hangUp(closeCode: number): void {
    this.#end();
    if (this.#handshake === undefined && this.#socket.writable) this.#socket.write(closeFrame(closeCode));
    this.#socket.destroy();
  }

  #end(): void {
    this.#ended = true;
    this.#parser.stop();
    this.#outbox.drop(this.#socket);
  }

  #connected(): void {
    const { opening } = this.user;
    opening?.cameIn();
    opening?.reached('tcp', this.tcp);
    if (this.client.setup.trust) opening?.wentOut();
    else this.#ask();
  }

  #secured(): void {
    const { opening } = this.user;
    // The handshake of TLS 1.3 is one round trip.
    opening?.cameIn();
    opening?.reached('tls', this.tcp);
    this.#ask();
  }

  #ask(): void {
    if (this.#handshake === undefined) return;
    this.#socket.write(this.#handshake.request, 'latin1');
    this.user.opening?.wentOut();
  }

  #read(bytes: Buffer, length: number): void {
    if (this.#ended) return;
    const { user, client } = this;
    const { setup } = client;
    client.receivedUs = setup.clock.nowUs();
    user.opening?.cameIn();
    const start = this.#handshake === undefined ? 0 : this.#upgrade(this.#handshake, bytes, length);
    if (start < length) this.#parser.read(bytes, start, length);
    if (user.opening === undefined && !this.#ended) setup.inbox.endOfRead(user.receiver);
  }

  /** Returns where the frames start, `length` when there are none yet. */
  #upgrade(handshake: Handshake, bytes: Buffer, length: number): number {
    const outcome = handshake.read(bytes, length);
    if (typeof outcome === 'string') this.user.refused(outcome, handshake.answer);
    if (typeof outcome !== 'number') return length;
    this.#handshake = undefined;
    if (handshake.deflate) this.#compress(handshake.deflate);
    this.user.opening?.reached('websocket', this.tcp);
    this.user.websocketOpened();
    return outcome;
  }

  #compress(deflate: DeflateAgreement): void {
    const { serverWindowBits, serverTakesOver } = deflate;
    this.#parser.inflateWith(new Inflater(serverWindowBits, serverTakesOver, settings.maxMessageBytes));
    this.#outbox = this.client.outboxOf(this.user.receiver, deflate);
  }
}
