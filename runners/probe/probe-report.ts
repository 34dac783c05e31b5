/** What a probe has found of one server, as plain JSON without any secret. */

export const probedTransports = ['websocket', 'polling', 'upgrade'] as const;
export type ProbedTransport = (typeof probedTransports)[number];

/** A part of opening a connection. */
export interface Stage {
  readonly name: string;
  readonly ms: number;
  /** What TCP carried in it; absent for what is no part of the connection. */
  readonly bytesOut?: number;
  readonly bytesIn?: number;
}

export interface TransportFound {
  readonly transport: ProbedTransport;
  readonly works: boolean;
  /** Where it does not work: what the server answered. */
  readonly answer?: string;
}

export interface RoundTrips {
  /** What went there and back. */
  readonly of: 'ping' | 'echo' | 'acknowledgement';
  readonly asked: number;
  /** Of those that were answered, in order. */
  readonly ms: readonly number[];
}

/** What the server said that nothing had asked for. */
export interface Heard {
  /** Of an event; `text` and `binary` for messages of plain WebSocket. */
  readonly name: string;
  readonly times: number;
  /** The beginning of the first. */
  readonly first: string;
}

export interface ProbeReport {
  /** Without its query. */
  readonly url: string;
  readonly protocol: 'websocket' | 'socketio';
  readonly address: string;
  /** Of the connection that became ready; absent where none did. */
  readonly transport?: ProbedTransport;
  readonly readyMs?: number;
  /** Those that were completed. */
  readonly stages: readonly Stage[];
  /** Why what was asked does not work, a sentence. */
  readonly failure?: string;
  readonly tls?: Readonly<Record<'version' | 'cipher' | 'subject' | 'issuer' | 'validTo', string>>;
  readonly engineio?: {
    readonly pingIntervalMs: number;
    readonly pingTimeoutMs: number;
    readonly maxPayloadBytes?: number | undefined;
    readonly upgrades: readonly string[];
  };
  /** Of the response that opened the connection. */
  readonly headers: Readonly<Record<string, string>>;
  readonly subprotocol?: string;
  /** What the server made of permessage-deflate, which it was offered: its parameters, or nothing. */
  readonly compression?: string;
  readonly transports: readonly TransportFound[];
  readonly roundTrips?: RoundTrips;
  readonly heard: readonly Heard[];
  /** What else to know, in sentences. */
  readonly notes: readonly string[];
}
