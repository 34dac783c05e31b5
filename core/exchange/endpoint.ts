/**
 * A user's own server, which clients connect to as it is: where it is, how a connection is opened, what is said to it.
 * Plain JSON that goes to workers. It holds the user's secrets, so no part of it goes into a result, a log or a message.
 */

import type { Protocol, Transport } from '../target.js';
import { fill, type Json, type Variables } from './placeholders.js';

/** Who is owed a delivery of a message; `unknown`: whoever gets it, and nothing is said of loss. */
export const audiences = ['sender', 'room', 'others', 'all', 'unknown'] as const;
export type Audience = (typeof audiences)[number];

/** What one side says: an event of Socket.IO, or a message of plain WebSocket. */
export type Utterance =
  | { readonly emit: string; readonly args: readonly Json[]; readonly ack: boolean }
  | { readonly text: string }
  | { readonly binary: string };

/** Said once after connecting; the connection is ready when the answer to the last one is there. */
export interface JoinStep {
  readonly say: Utterance;
  /** Socket.IO: an event of this name has to come. WebSocket: a message with this text in it. */
  readonly until?: string | undefined;
}

/** Units of time stamps, and how many us each is. */
export const stampUnits = { s: 1e6, ms: 1e3, us: 1 } as const;
export type StampUnit = keyof typeof stampUnits;

/** Where a server's own time stamp stands in what it sends. */
export interface SentAt {
  /** From the JSON of a message, or of the first argument of an event, to the stamp. */
  readonly keys: readonly string[];
  readonly unit: StampUnit;
}

export interface Exchange {
  readonly join: readonly JoinStep[];
  /** Holds `{{message}}` once; absent where nothing is sent. */
  readonly send?: Utterance | undefined;
  /** Socket.IO: the event that brings messages back; undefined: any. */
  readonly receiveEvent?: string | undefined;
  /** Of what the server sends unasked. */
  readonly sentAt?: SentAt | undefined;
}

/** The keys in a path such as `$.data.ts` or `$.items[0]["sent at"]`; undefined where it is none. */
export function stampKeys(path: string): string[] | undefined {
  if (!/^\$(\.[\w-]+|\[\d+\]|\["[^"\]]+"\])+$/.test(path)) return undefined;
  return [...path.matchAll(/\.([\w-]+)|\[(\d+)\]|\["([^"]+)"\]/g)].map(([, name, index, quoted]) =>
    String(name ?? index ?? quoted),
  );
}

export interface Endpoint {
  readonly protocol: Protocol;
  readonly transport: Transport;
  readonly secure: boolean;
  /** As in the URL. */
  readonly hostname: string;
  readonly port: number;
  /** IP addresses that were found to answer, used in turn. */
  readonly addresses: readonly string[];
  /** Of the request, without a query: that of Engine.IO for Socket.IO. */
  readonly path: string;
  /** Socket.IO; `/` is the main one. */
  readonly namespace: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Socket.IO: sent with the request to join the namespace. */
  readonly auth?: Json | undefined;
  readonly subprotocols: readonly string[];
  /** PEM text of further authorities; or no check at all. */
  readonly tls: { readonly ca?: string | undefined; readonly insecure: boolean };
  /** A row for each connection, by column; empty where there are none. */
  readonly users: readonly Readonly<Record<string, string>>[];
  /** Columns made for every connection by their placeholders. */
  readonly generated: Readonly<Record<string, string>>;
  readonly exchange: Exchange;
}

/** Host and port, as in a `Host` header. */
export function authorityOf({ hostname, port }: Pick<Endpoint, 'hostname' | 'port'>): string {
  return `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
}

/** The values of a connection's placeholders. @param index its number in the trial. */
export function variablesOf({ users, generated }: Endpoint, index: number, room: number, uuid: string): Variables {
  const own = { index: String(index), room: String(room), uuid };
  // Of visitors there may be more than users.
  const row = users[index % users.length] ?? {};
  const made = Object.entries(generated).map(([column, text]) => [column, fill(text, own)]);
  const columns = [...Object.entries(row), ...made].map(([column, value]) => [`user.${column}`, value]);
  return { ...own, ...Object.fromEntries(columns) };
}

/** Path and query of a request. @param more what the protocol itself asks in the query. */
export function requestPath({ path, query }: Endpoint, variables: Variables, more: Readonly<Record<string, string>>) {
  const filled = Object.entries(query).map(([name, value]): [string, string] => [name, fill(value, variables)]);
  const search = new URLSearchParams([...Object.entries(more), ...filled]).toString();
  return search === '' ? path : `${path}?${search}`;
}

/** The headers of a request. */
export function requestHeaders({ headers }: Endpoint, variables: Variables): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value, variables)]));
}
