/** The Node HTTP server, by TLS on request, that a WebSocket library is attached to: it listens, answers `/health`, and closes at once. */

import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import type { PayloadType } from '../../core/payload/message.js';
import { type Certificate, settings } from '../../core/target.js';

export class WebServer {
  /** What a library attaches itself to. */
  readonly http: Server | SecureServer;
  readonly #open = new Set<Socket>();
  readonly #further: TcpServer[] = [];

  /** @param tls by which it listens; undefined: plain HTTP. */
  constructor(tls?: Certificate) {
    const { noDelay } = settings;
    const answer: RequestListener = (request, response) => {
      if (request.url === '/health') response.end('ok');
      else response.writeHead(404).end();
    };
    this.http = tls ? createSecureServer({ noDelay, ...tls }, answer) : createServer({ noDelay }, answer);
    this.http.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
  }

  /** @param port 0 for any that is free. @returns the port that was bound. */
  async listen(host: string, port: number): Promise<number> {
    this.http.listen({ host, port, backlog: settings.backlog });
    await once(this.http, 'listening');
    return (this.http.address() as AddressInfo).port;
  }

  /** Accepts on a further address, and hands the connections to the same HTTP server. */
  async listenAlso(host: string): Promise<void> {
    const { port } = this.http.address() as AddressInfo;
    const tcp = createTcpServer({ noDelay: settings.noDelay }, (socket) => this.http.emit('connection', socket));
    this.#further.push(tcp);
    tcp.listen({ host, port, backlog: settings.backlog });
    await once(tcp, 'listening');
  }

  /** Stops listening and ends every connection at once. */
  async close(): Promise<void> {
    const closed = [this.http, ...this.#further].map((server) => new Promise((resolve) => server.close(resolve)));
    for (const socket of this.#open) socket.destroy();
    await Promise.all(closed);
  }
}

/**
 * A copy for libraries that queue what they are given, because the bytes of a message are reused: a string where it is
 * text, which is ASCII; else a Buffer.
 */
export function ownCopy(message: Uint8Array, type: PayloadType): string | Buffer {
  const copy = Buffer.from(message);
  return type === 'text' ? copy.toString('latin1') : copy;
}

/**
 * The room that a connection asks for in the query of its opening request, `?room=7`, from an untrusted value of `room`: a repeated parameter, for example, is no string.
 * Whatever is not a number of at most nine digits is room 0.
 */
export function roomNumber(asked: unknown): number {
  return typeof asked === 'string' && /^\d{1,9}$/.test(asked) ? Number(asked) : 0;
}
