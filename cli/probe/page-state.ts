/** What the page of a probe is told of its connections, and what it asks of them, as plain JSON. */

import type { ProbedTransport } from '../../runners/probe/probe-report.js';

/** What somebody fills in before connecting; texts as they were typed. */
export interface ConnectionForm {
  readonly url: string;
  readonly namespace: string;
  readonly auth: string;
  /** One a line. */
  readonly headers: string;
  /** Divided by commas or blanks. */
  readonly subprotocols: string;
  readonly path: string;
  /** Empty: as by default. */
  readonly transport: '' | ProbedTransport;
  readonly protocol: '' | 'websocket' | 'socketio';
  readonly insecure: boolean;
}

export type PageCommand = { readonly connection: string } & (
  | { readonly do: 'connect'; readonly form: ConnectionForm }
  | { readonly do: 'emit' | 'ack'; readonly event: string; readonly args: string }
  | { readonly do: 'reply'; readonly args: string }
  | { readonly do: 'text'; readonly text: string }
  | { readonly do: 'binary'; readonly hex: string }
  | { readonly do: 'ping' | 'close' | 'clear' | 'remove' }
);

export interface Line {
  readonly atMs: number;
  readonly sign: string;
  readonly text: string;
}

export interface StageRow {
  readonly name: string;
  readonly ms: string;
  readonly bytesOut: string;
  readonly bytesIn: string;
}

export interface ConnectionState {
  readonly connection: string;
  /** Without its query. */
  readonly url: string;
  readonly is: 'opening' | 'ready' | 'over';
  readonly status: string;
  readonly isSocketio: boolean;
  /** Events of the server that wait for an acknowledgement. */
  readonly asks: number;
  readonly stages: readonly StageRow[];
}

/** What the page is told: of all connections when it comes, later of one and what has happened on it. */
export interface Told {
  readonly connections: readonly (ConnectionState & {
    readonly lines: readonly Line[];
    readonly isCleared?: boolean;
  })[];
  readonly removed?: readonly string[];
}
