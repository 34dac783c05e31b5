/** A line over a WebSocket, by the handshake and the frames of the wire client. */

import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { ConnectError } from '../../core/client.js';
import { authorityOf, type Endpoint } from '../../core/exchange/endpoint.js';
import type { Clock } from '../../core/schedule.js';
import { settings } from '../../core/target.js';
import { failureOf } from '../clients/connecting/opening.js';
import type { StageWatch } from '../clients/connecting/stage-watch.js';
import { closeCodes, closeFrame, maskedFrame, opcodes } from '../clients/websocket/frame.js';
import { FrameParser, type FrameSink, type FrameViolation } from '../clients/websocket/frame-parser.js';
import { Handshake } from '../clients/websocket/handshake.js';
import { dial, Line } from './line.js';

export class WebSocketLine extends Line implements FrameSink {
  readonly #parser = new FrameParser(this, settings.maxMessageBytes);
  #isOpen = false;
  #ponged: (atUs: number) => void = () => {};

  private constructor(
    clock: Clock,
    private readonly socket: Socket,
    private readonly handshake: Handshake,
  ) {
    super(clock);
  }

  /** @param path of the request, with its query. @param headers of the request. @throws ConnectError */
  static async open(
    endpoint: Endpoint,
    path: string,
    headers: Readonly<Record<string, string>>,
    { clock, watch, signal }: { readonly clock: Clock; readonly watch: StageWatch; readonly signal: AbortSignal },
  ): Promise<WebSocketLine> {
    const socket = await dial(endpoint, watch, signal);
    const { subprotocols } = endpoint;
    const handshake = new Handshake(authorityOf(endpoint), path, undefined, { headers, subprotocols });
    const line = new WebSocketLine(clock, socket, handshake);
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        socket.destroy();
        line.end(error);
        reject(error);
      };
      signal.addEventListener('abort', () => fail(signal.reason as Error), { once: true });
      socket.on('error', (error) => fail(failureOf(error)));
      socket.on('close', () => fail(new ConnectError('connect:hung-up')));
      socket.on('data', (bytes: Buffer) => {
        if (line.#isOpen) {
          line.#parser.read(bytes, 0, bytes.length);
          return;
        }
        const outcome = handshake.read(bytes, bytes.length);
        if (typeof outcome === 'string')
          fail(new ConnectError(outcome, handshake.fields.get('sec-websocket-extensions') ?? handshake.answer));
        if (typeof outcome !== 'number') return;
        line.#isOpen = true;
        watch.end('websocket');
        resolve(line);
        line.#parser.read(bytes, outcome, bytes.length);
      });
      socket.write(handshake.request, 'latin1');
    });
  }

  get headers(): ReadonlyMap<string, string> {
    return this.handshake.fields;
  }

  /** Undefined where there is none. */
  get tls(): TLSSocket | undefined {
    return 'getPeerCertificate' in this.socket ? (this.socket as TLSSocket) : undefined;
  }

  send(message: string): void {
    this.socket.write(maskedFrame(opcodes.text, Buffer.from(message)));
  }

  sendBytes(message: Uint8Array): void {
    this.socket.write(maskedFrame(opcodes.binary, message));
  }

  /** @returns when its pong came. */
  pinged(): Promise<number> {
    const ponged = new Promise<number>((resolve) => {
      this.#ponged = resolve;
    });
    this.socket.write(maskedFrame(opcodes.ping, Buffer.from('bench')));
    return ponged;
  }

  close(): void {
    this.#parser.stop();
    if (this.socket.writable) this.socket.end(closeFrame(closeCodes.normal));
    // A server that does not close its half would keep the process.
    setTimeout(() => this.socket.destroy(), 100);
  }

  message(isText: boolean, bytes: Buffer, start: number, end: number): boolean {
    // The buffer is only lent.
    this.came(isText ? bytes.toString('utf8', start, end) : Buffer.from(bytes.subarray(start, end)));
    return false;
  }

  ping(bytes: Buffer, start: number, end: number): void {
    this.socket.write(maskedFrame(opcodes.pong, bytes.subarray(start, end)));
  }

  pong(): void {
    this.#ponged(this.clock.nowUs());
  }

  closing(code: number): void {
    this.socket.end(closeFrame(code));
    this.end(new ConnectError(`connect:closed-${code}`));
  }

  violation(violation: FrameViolation): void {
    this.socket.destroy();
    this.end(new ConnectError(violation));
  }
}
