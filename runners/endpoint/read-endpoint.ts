/** From what a scenario file says of a user's own server to an endpoint: reads the files it names, and looks up the host. */

import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { type Endpoint, type Exchange, stampKeys, type Utterance } from '../../core/exchange/endpoint.js';
import { type Json, placeholdersIn } from '../../core/exchange/placeholders.js';
import { printable, quote } from '../../core/printable.js';
import { protocolOf } from '../../core/scenario/endpoint-rules.js';
import type { AskedEndpoint } from '../../core/scenario/endpoint-schema.js';
import { schemes } from '../../core/scenario/endpoint-schema.js';
import type { AskedServer } from '../../core/scenario/scenario-file.js';
import type { AskedExchange } from '../../core/workload/exchange-field.js';
import { UsageError } from '../failure.js';
import { isHere } from '../server/own-server-process.js';

const mostUsersBytes = 64 * 1024 * 1024;

/**
 * @param folder of the scenario file, to which paths in it are relative. @param connections the most that a workload has.
 * @param lookUp IP addresses of a host. @throws UsageError in one sentence.
 */
export async function readEndpoint(
  { endpoint, users, exchange }: AskedServer,
  folder: string,
  connections: number,
  lookUp = addressesOf,
): Promise<Endpoint> {
  const url = new URL(endpoint.url);
  const { secure } = schemes[url.protocol as keyof typeof schemes];
  const protocol = protocolOf(endpoint);
  const isSocketio = protocol === 'socketio';
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const rows = users?.file === undefined ? [] : readUsers(resolve(folder, users.file), connections);
  const generated = users?.generate ?? {};
  const asked = { ...endpoint.query, ...Object.fromEntries(url.searchParams) };
  requireColumns([endpoint, exchange], [...Object.keys(rows[0] ?? {}), ...Object.keys(generated)]);
  return {
    protocol,
    transport: endpoint.transport ?? 'websocket',
    secure,
    hostname,
    port: Number(url.port) || (secure ? 443 : 80),
    addresses: await lookUp(hostname),
    path: isSocketio ? (endpoint.path ?? '/socket.io/') : url.pathname,
    namespace: isSocketio ? namespaceIn(url) : '/',
    query: asked,
    headers: endpoint.headers,
    auth: endpoint.auth as Json | undefined,
    subprotocols: endpoint.subprotocols,
    tls: { insecure: endpoint.tls.insecure, ca: readAuthority(endpoint, folder) },
    users: rows,
    generated,
    exchange: exchangeOf(exchange),
  };
}

/** @throws UsageError when another host would be loaded, which the user has to say. */
export function requireHere({ hostname, addresses }: Endpoint, load: string): void {
  if (isHere(addresses)) return;
  throw new UsageError(
    `${quote(hostname)} (${addresses.join(', ')}) is another host, which this run would load with ${load}; ` +
      'give --allow-remote if it is yours and nobody else depends on it',
  );
}

function namespaceIn({ pathname }: URL): string {
  try {
    return decodeURI(pathname);
  } catch {
    throw new UsageError(`${quote(pathname)} is no namespace: its percent signs encode no text`);
  }
}

/** @throws UsageError where there are none. */
export async function addressesOf(hostname: string): Promise<string[]> {
  const found = await lookup(hostname, { all: true }).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`there is no host ${quote(hostname)} (${error.code}); check its name in the URL`);
  });
  // Of an address of each family, that of IPv4 is what nearly every server listens on.
  const [first = hostname] = found.toSorted((one, other) => one.family - other.family).map(({ address }) => address);
  return [first];
}

function readUsers(path: string, connections: number): Readonly<Record<string, string>>[] {
  const text = readText(path, 'users.file');
  let rows: Record<string, string>[];
  try {
    rows = parse(text, { columns: true, bom: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new UsageError(`${printable(path)}: ${printable(error.message)}; users.file is CSV with a heading`);
  }
  if (rows.length < connections)
    throw new UsageError(
      `${printable(path)} has ${rows.length} users, and ${connections} connections need one each; add rows, or ask for ` +
        `fewer (--connections ${Math.max(1, rows.length)})`,
    );
  return rows;
}

/** Columns that a text asks for and no user has would be empty, unseen. */
function requireColumns(texts: readonly unknown[], columns: readonly string[]): void {
  const missing = placeholdersIn(texts as Json[])
    .filter((name) => name.startsWith('user.'))
    .map((name) => name.slice('user.'.length))
    .find((column) => !columns.includes(column));
  if (missing === undefined) return;
  const there =
    columns.length > 0
      ? `there are ${columns.map(quote).join(', ')}`
      : 'there are no users: write users: { file: users.csv }';
  throw new UsageError(`{{user.${missing}}} names a column that users do not have; ${there}`);
}

function readAuthority({ tls: { ca } }: AskedEndpoint, folder: string): string | undefined {
  return ca === undefined ? undefined : readText(resolve(folder, ca), 'endpoint.tls.ca');
}

/** @throws UsageError that begins with `field`. */
export function readText(path: string, field: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length <= mostUsersBytes) return text;
  } catch (error) {
    throw new UsageError(`${field}: ${printable(path)} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  throw new UsageError(`${field}: ${printable(path)} is larger than ${mostUsersBytes / 1024 / 1024} MiB`);
}

function exchangeOf(asked: AskedExchange | undefined): Exchange {
  if (asked === undefined) return { join: [] };
  const join = asked.join.map(({ until, ...said }) => ({ say: utteranceOf(said), until }));
  const { event, sentAt, unit = 'ms' } = asked.receive;
  const keys = sentAt === undefined ? undefined : stampKeys(sentAt);
  return { join, send: asked.send && utteranceOf(asked.send), receiveEvent: event, sentAt: keys && { keys, unit } };
}

function utteranceOf({
  emit,
  args = [],
  ack = false,
  text,
  binary = '',
}: Omit<AskedExchange['join'][number], 'until'>): Utterance {
  if (emit !== undefined) return { emit, args: args as Json[], ack };
  return text === undefined ? { binary } : { text };
}
