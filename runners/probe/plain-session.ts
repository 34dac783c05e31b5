/** A plain WebSocket used by hand, over `ws`. */

import type { createConnection } from 'node:net';
import { type RawData, WebSocket } from 'ws';
import { requestHeaders } from '../../core/exchange/endpoint.js';
import { settings } from '../../core/target.js';
import { secured } from '../clients/connecting/secure-socket.js';
import { WatchedSocket } from '../clients/connecting/watched-socket.js';
import { plainUrl } from '../clients/own/own-texts.js';
import { hexOf, Session, type SessionRequest, shownText } from './session.js';
import type { SessionEvent } from './session-event.js';

const events = 'plain WebSocket has no events; send text or binary';

export class PlainSession extends Session {
  readonly #socket: WebSocket;

  constructor(request: SessionRequest, tell: (event: SessionEvent) => void) {
    super(request, tell);
    const { endpoint } = request;
    const tcp = new WatchedSocket();
    const dial = () => {
      this.watch.watch(tcp);
      tcp.connect({ host: endpoint.addresses[0] ?? endpoint.hostname, port: endpoint.port });
      return endpoint.secure ? secured(tcp, endpoint).once('secureConnect', () => this.watch.end('tls')) : tcp;
    };
    const socket = new WebSocket(plainUrl(endpoint, this.variables), [...endpoint.subprotocols], {
      headers: requestHeaders(endpoint, this.variables),
      maxPayload: settings.maxMessageBytes,
      createConnection: dial as typeof createConnection,
    });
    this.#socket = socket;
    socket.on('unexpected-response', (_, { statusCode, statusMessage }) =>
      this.failed(`connect:http-${statusCode}`, `${statusCode} ${statusMessage ?? ''}`),
    );
    socket.on('error', (error: NodeJS.ErrnoException) => this.failed(`connect:${error.code ?? 'handshake'}`));
    socket.on('open', () => {
      this.watch.end('websocket');
      this.ready('websocket', socket.protocol);
    });
    socket.on('message', (data: RawData, isBinary) => {
      // A Buffer, unless one asks ws for another type.
      const bytes = data as Buffer;
      if (isBinary) this.happened({ is: 'binary', from: 'server', hex: hexOf(bytes), bytes: bytes.length });
      else this.happened({ is: 'text', from: 'server', text: shownText(bytes.toString()) });
    });
    socket.on('close', (code, reason) => {
      this.failed(`connect:closed-${code}`);
      this.left(`code ${code}${reason.length > 0 ? `: ${shownText(reason.toString())}` : ''}`);
    });
  }

  protected async emit(): Promise<void> {
    this.refuse(events);
  }

  protected reply(): void {
    this.refuse(events);
  }

  protected text(text: string): void {
    this.#socket.send(text);
    this.happened({ is: 'text', from: 'user', text: shownText(text) });
  }

  protected binary(bytes: Buffer): void {
    this.#socket.send(bytes);
    this.happened({ is: 'binary', from: 'user', hex: hexOf(bytes), bytes: bytes.length });
  }

  protected ping(): Promise<number> {
    this.#socket.ping();
    return new Promise((resolve) => this.#socket.once('pong', () => resolve(this.clock.nowUs())));
  }

  protected end(): void {
    // Giving up while connecting is an error of its own to ws.
    this.#socket.removeAllListeners().on('error', () => {});
    this.#socket.close();
    setTimeout(() => this.#socket.terminate(), 500).unref();
  }
}
