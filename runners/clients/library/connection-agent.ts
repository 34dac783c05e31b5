/**
 * HTTP agent for the TCP connections of one Socket.IO connection, which the library hides: sees them opened, holds their
 * reading, and ends them at once. Keeps them alive between requests, as browsers do: on Node the library alone would open a TCP
 * connection for every poll, and long-polling would be judged by what no browser does.
 */

import { Agent, type ClientRequest, type ClientRequestArgs } from 'node:http';
import type { NetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Trust } from '../../../core/client.js';
import { secured } from '../connecting/secure-socket.js';
import type { StageWatch } from '../connecting/stage-watch.js';
import { WatchedSocket } from '../connecting/watched-socket.js';

export class ConnectionAgent extends Agent {
  readonly #open = new Set<WatchedSocket>();
  #held = false;
  #ended = false;
  /** The TCP connection opened last: after an upgrade, that of the WebSocket. */
  latest: WatchedSocket | undefined;
  /** Code of the first error of TCP or TLS, such as ECONNREFUSED. */
  failure: string | undefined;

  /**
   * @param trust where the server is reached by TLS.
   * @param addresses of a user's own server.
   */
  constructor(
    private readonly stages: StageWatch,
    private readonly trust?: Trust,
    private readonly addresses: readonly string[] = [],
  ) {
    super({ keepAlive: true });
    // Else Node.js refuses to use it for https, which it does not know it can do.
    if (trust) Object.assign(this, { protocol: 'https:', defaultPort: 443 });
  }

  override createConnection(
    options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | undefined {
    if (this.#ended) {
      callback?.(new Error('the connection has ended'), new WatchedSocket());
      return undefined;
    }
    const socket = new WatchedSocket(options);
    this.#open.add(socket);
    this.latest = socket;
    this.stages.watch(socket);
    const failed = (error: NodeJS.ErrnoException): void => {
      this.failure ??= error.code;
    };
    socket.once('error', failed);
    socket.once('close', () => this.#open.delete(socket));
    if (this.#held) socket.hold();
    // A name may lead elsewhere when it is looked up again.
    const [host = options.host] = this.addresses;
    socket.connect({ ...options, host } as NetConnectOpts);
    if (!this.trust) return socket;
    return secured(socket, this.trust)
      .once('secureConnect', () => this.stages.end('tls'))
      .once('error', failed);
  }

  /**
   * `xmlhttprequest-ssl` 2.1.2 repeats a request that was reset on a connection used before, but never ends the second:
   * a poll that a lost connection has cut would hang. Unaware of that, it reports the failure, as it does without us.
   */
  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    super.reuseSocket(socket, request);
    request.reusedSocket = false;
  }

  /** Reads from no TCP connection, those still to be opened included. */
  hold(): void {
    this.#held = true;
    for (const socket of this.#open) socket.hold();
  }

  release(): void {
    this.#held = false;
    for (const socket of this.#open) socket.release();
  }

  /** Resets what is open and refuses to open more. */
  end(): void {
    this.#ended = true;
    for (const socket of this.#open) socket.resetAndDestroy();
  }
}
