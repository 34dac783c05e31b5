/** Makes the `Socket` objects of the Socket.IO library: one for each opening, or one for each receiver that recovers. */

import { isIPv6 } from 'node:net';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import * as msgpackParser from 'socket.io-msgpack-parser';
import type { ClientSetup, OwnServer } from '../../../core/client.js';
import { authorityOf, type Endpoint, requestHeaders } from '../../../core/exchange/endpoint.js';
import { fill, fillAll } from '../../../core/exchange/placeholders.js';
import type { Transport } from '../../../core/target.js';
import type { Compression } from '../../../core/variant/compression.js';
import { perMessageDeflate } from '../../../core/variant/per-message-deflate.js';
import type { ConnectionAgent } from './connection-agent.js';

type Options = Partial<ManagerOptions & SocketOptions>;

export const transportsOf: Record<Transport, string[]> = {
  websocket: ['websocket'],
  polling: ['polling'],
  upgrade: ['polling', 'websocket'],
};

/** Two of the options that we use are declared for browsers only. */
export function withAgent(agent: ConnectionAgent, compression?: Compression): Options {
  return { agent, perMessageDeflate: perMessageDeflate(compression) } as unknown as Options;
}

export class SocketioSessions {
  readonly #earlier = new Map<number, Socket>();

  constructor(private readonly setup: ClientSetup) {}

  /**
   * A socket to be connected over `agent`. Where sessions are recovered it is the receiver's earlier one: it presents its
   * session id and last offset, and connects to the same address and room as before.
   */
  socketFor(receiver: number, address: string, room: number | undefined, agent: ConnectionAgent): Socket {
    const earlier = this.#earlier.get(receiver);
    if (earlier !== undefined) {
      Object.assign(earlier.io.opts, withAgent(agent, this.setup.compression));
      return earlier;
    }
    const {
      port,
      transport,
      connectTimeoutMs,
      recovers,
      own,
      compression,
      trust,
      parser,
      namespace = '/',
    } = this.setup;
    const host = isIPv6(address) ? `[${address}]` : address;
    const url = own ? ownUrl(own.endpoint) : `${trust ? 'https' : 'http'}://${host}:${port}${namespace}`;
    const socket = io(url, {
      ...withAgent(agent, compression),
      ...(own && ownOptions(own, receiver)),
      ...(room === undefined ? {} : { query: { room: String(room) } }),
      ...(parser && { parser: msgpackParser }),
      transports: transportsOf[transport],
      autoConnect: false,
      forceNew: true,
      reconnection: false,
      timeout: connectTimeoutMs,
    });
    if (recovers) this.#earlier.set(receiver, socket);
    return socket;
  }
}

export function ownUrl(endpoint: Endpoint): string {
  return `${endpoint.secure ? 'https' : 'http'}://${authorityOf(endpoint)}${endpoint.namespace}`;
}

export function ownOptions({ endpoint, variablesOf }: OwnServer, receiver: number): Options {
  const variables = variablesOf(receiver);
  const query = Object.entries(endpoint.query).map(([name, value]) => [name, fill(value, variables)]);
  return {
    path: endpoint.path,
    query: Object.fromEntries(query),
    extraHeaders: requestHeaders(endpoint, variables),
    rejectUnauthorized: !endpoint.tls.insecure,
    ...(endpoint.auth !== undefined && { auth: fillAll(endpoint.auth, variables) as { [key: string]: unknown } }),
  };
}
