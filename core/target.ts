/** Owns the server half of the wire contract: what a file in `targets/`, or a user's own server module, exports. */

import type { Kind } from './kind.js';
import type { PayloadType } from './message.js';

export const protocols = ['websocket', 'socketio'] as const;
export type Protocol = (typeof protocols)[number];

/** How a connection reaches the server; `upgrade` is polling first and then WebSocket, Socket.IO's default. */
export type Transport = 'websocket' | 'polling' | 'upgrade';

export interface StartRequest {
  readonly kind: Kind;
  /** Address to bind; loopback unless the user said otherwise. */
  readonly host: string;
  /** Port to bind; 0 lets the kernel choose. */
  readonly port: number;
  /** How often connections are pinged; undefined: `settings.heartbeatMs`. What a library cannot do is said in `settings`. */
  readonly heartbeatMs?: number | undefined;
  /** Socket.IO: keep the session of a lost connection for two minutes (connection state recovery). */
  readonly recovery?: boolean | undefined;
}

export interface Running {
  /** The port that was bound. */
  readonly port: number;
  /** Effective settings, one word or figure each, recorded in the result. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /**
   * Listens on a further address at the same port, so that clients get a port range for each destination address.
   * Only needed above some 20,000 connections; a target without it is limited to one address.
   */
  listenAlso?(host: string): Promise<void>;
  /**
   * Kind push: sends one message to every open connection, unasked, by the library's own idiom. The bytes are reused as
   * soon as the call returns.
   */
  push?(message: Uint8Array, type: PayloadType): void;
  /** Stops listening and closes every connection. */
  close(): Promise<void>;
}

export interface Target {
  readonly protocol: Protocol;
  readonly transport: Transport;
  /** npm package whose installed version stands for this target in tables. */
  readonly library: string;
  /** Why this target cannot run on this Node, with the remedy; undefined when it can. */
  readonly unavailable?: () => string | undefined;
  /** Kinds that it serves; undefined: `usualKinds`. A room is in the query of the request, `?room=7`. */
  readonly kinds?: readonly Kind[];
  /** Binds, installs the handler of the one kind asked for, answers `GET /health` on the same port. */
  start(request: StartRequest): Promise<Running>;
}
