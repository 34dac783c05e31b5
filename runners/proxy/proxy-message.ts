/** Messages between a run and the process that hosts its proxy. */

import type { Blocking } from '../../core/scenario.js';

/** Command line argument of the host process, as JSON. */
export interface ProxyRequest {
  /** Port of the server, on each of the addresses that the proxy listens on. */
  readonly targetPort: number;
  readonly host: string;
  /** Further addresses to listen on, at the same port. */
  readonly alsoListen: readonly string[];
  /** Undefined: everything passes. */
  readonly blocking?: Blocking | undefined;
}

export type ToProxy = { readonly type: 'cut' } | { readonly type: 'retarget'; readonly port: number };

export type FromProxy =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'failed'; readonly message: string }
  /** Connections of clients that were reset. */
  | { readonly type: 'cut'; readonly connections: number };
