/** Proxy: gives each connection that it accepts one of its own to the server, and what ends one ends both. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Blocking } from '../../core/scenario.js';
import { settings } from '../../core/target.js';
import { reset, UpgradeGuard } from './upgrade-guard.js';

/** Each side may end its half while the other still sends. */
const options = { noDelay: settings.noDelay, allowHalfOpen: true };

export class TcpProxy {
  /** By client: the connection to the server. */
  readonly #open = new Map<Socket, Socket>();

  /** @param targetPort where new connections go to. */
  constructor(
    public targetPort: number,
    private readonly blocking: Blocking | undefined,
  ) {}

  /** @param port 0 for any that is free. @returns the port that was bound. */
  async listen(host: string, port: number): Promise<number> {
    // To the server at the same address: a single one would not have ports for as many connections as several have.
    const listener = createServer(options, (client) => this.#accept(client, host));
    listener.listen({ host, port, backlog: settings.backlog });
    await once(listener, 'listening');
    // One connection that cannot be accepted, for want of a file descriptor say, must not end the others.
    listener.on('error', () => {});
    return (listener.address() as AddressInfo).port;
  }

  /** Resets all connections on both sides. @returns how many clients had one. */
  cutAll(): number {
    const connections = this.#open.size;
    for (const [client, server] of this.#open) {
      reset(client);
      reset(server);
    }
    this.#open.clear();
    return connections;
  }

  #accept(client: Socket, host: string): void {
    const server = connect({ ...options, host, port: this.targetPort });
    this.#open.set(client, server);
    client.on('close', () => this.#open.delete(client));
    client.on('error', () => reset(server));
    server.on('error', () => reset(client));
    if (this.blocking === undefined) client.pipe(server).pipe(client);
    else new UpgradeGuard(this.blocking, client, server);
  }
}
