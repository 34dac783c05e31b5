/** Flags of `bench probe`: which server, how a connection to it is opened, and what is said on it. */

import { validateHeaderValue } from 'node:http';
import type { InferredOptionTypes, Options } from 'yargs';
import type { Endpoint, Utterance } from '../../core/exchange/endpoint.js';
import type { Json } from '../../core/exchange/placeholders.js';
import { printable, quote } from '../../core/printable.js';
import { type AskedEndpoint, endpointSchema } from '../../core/scenario/endpoint-schema.js';
import { type Protocol, protocols } from '../../core/target.js';
import { durations } from '../../core/units.js';
import { addressesOf, readEndpoint, readText, requireHere } from '../../runners/endpoint/read-endpoint.js';
import { UsageError } from '../../runners/failure.js';
import type { ProbeRequest } from '../../runners/probe/probe.js';
import { probedTransports } from '../../runners/probe/probe-report.js';
import { isHere } from '../../runners/server/own-server-process.js';
import { argsOf, authOf, headerOf, refuseFlagsOfOther, remoteNotice, shownUrl } from '../scenario/endpoint-flags.js';
import type { ConnectionForm } from './page-state.js';

export const probeOptions = {
  namespace: { type: 'string', describe: 'Socket.IO: the namespace. Default: the path of the URL' },
  auth: { type: 'string', describe: 'Socket.IO: auth of the namespace, JSON or NAME=VALUE' },
  header: { type: 'string', array: true, describe: 'A header of the handshake, e.g. "Cookie: sid=1"' },
  subprotocol: { type: 'string', array: true, describe: 'WebSocket: a subprotocol to offer' },
  protocol: {
    choices: protocols,
    describe: 'Default: by the scheme, http:// being Socket.IO and ws:// plain WebSocket',
  },
  transport: { choices: probedTransports, describe: 'Socket.IO: this alone. Default: WebSocket, or else polling' },
  path: { type: 'string', describe: 'Socket.IO: the path of Engine.IO (default: /socket.io/)' },
  ca: { type: 'string', describe: 'TLS: a file of certificates (PEM) to trust besides' },
  insecure: { type: 'boolean', describe: 'TLS: trusts any certificate' },
  emit: { type: 'string', describe: 'Socket.IO: an event to time, sent 20 times with {{message}} as its argument' },
  args: { type: 'string', describe: 'Arguments of --emit, JSON with {{message}} in it' },
  text: { type: 'string', describe: 'WebSocket: a text to time, sent 20 times, with {{message}} in it' },
  receive: { type: 'string', describe: 'Socket.IO: the event that answers, if it does not hold {{message}}' },
  timeout: { type: 'string', default: '5s', describe: 'Time to open a connection, and for each answer' },
  listen: { type: 'string', default: '1s', describe: 'How long to listen to what the server says of itself' },
  'allow-remote': { type: 'boolean', describe: 'A server on another host may be probed' },
} as const satisfies Record<string, Options>;

export type ProbeFlags = InferredOptionTypes<typeof probeOptions>;

/** What the form of a page begins with. */
export function formFrom(url: string | undefined, flags: ProbeFlags): ConnectionForm {
  const { namespace = '', auth = '', header = [], subprotocol = [], path = '', transport = '', protocol = '' } = flags;
  return {
    ...{ url: url ?? '', namespace, auth, path, transport, protocol, insecure: flags.insecure === true },
    headers: header.join('\n'),
    subprotocols: subprotocol.join(', '),
  };
}

export interface Probed {
  readonly endpoint: Endpoint;
  readonly request: ProbeRequest;
}

const longestMs = 600_000;

/** Looks the host up. @throws UsageError, also where it is another host that was not allowed. */
export async function probedServer(url: string, flags: ProbeFlags): Promise<Probed> {
  const timeoutMs = durationOf(flags.timeout, '--timeout');
  const listenMs = durationOf(flags.listen, '--listen', 0);
  const asked = askedEndpoint(url, flags);
  let lookupMs = 0;
  const lookUp = async (hostname: string): Promise<string[]> => {
    // The first look-up also loads what looks up; that of an address asks nobody.
    await addressesOf('127.0.0.1');
    const startMs = performance.now();
    const addresses = await addressesOf(hostname);
    lookupMs = performance.now() - startMs;
    return addresses;
  };
  const read = await readEndpoint({ endpoint: asked, users: undefined, exchange: undefined }, '.', 1, lookUp);
  const ca = flags.ca === undefined ? undefined : readText(flags.ca, '--ca');
  const endpoint = { ...read, tls: { ...read.tls, ca } };
  const load = 'a probe';
  if (!flags['allow-remote']) requireHere(endpoint, load);
  else if (!isHere(endpoint.addresses)) process.stderr.write(remoteNotice(endpoint, load));
  const say = utteranceOf(flags, endpoint.protocol);
  const { transport, receive } = flags;
  return { endpoint, request: { url: shownUrl(asked.url), transport, timeoutMs, listenMs, say, receive, lookupMs } };
}

/** By the rules of `endpoint` in a scenario file. */
function askedEndpoint(url: string, flags: ProbeFlags): AskedEndpoint {
  const { namespace, protocol, transport, path, auth, header = [], subprotocol = [], insecure = false } = flags;
  const parsed = endpointSchema.safeParse({
    url: namespace !== undefined && URL.canParse(url) ? inNamespace(url, namespace) : url,
    protocol,
    transport,
    path,
    headers: headersFrom(header),
    ...(auth !== undefined && { auth: authOf(auth) }),
    subprotocols: subprotocol,
    tls: { insecure },
  });
  if (new Set(subprotocol).size < subprotocol.length)
    throw new UsageError('--subprotocol names one twice; leave one out');
  if (!parsed.success) throw new UsageError(mistakeIn(parsed.error.issues[0], url));
  const { data } = parsed;
  refuseFlagsOfOther(data.protocol ?? (/^ws/i.test(data.url) ? 'websocket' : 'socketio'), flags, true);
  return data;
}

function headersFrom(texts: readonly string[]): Record<string, string> {
  const headers = texts.map(headerOf);
  for (const [name, value] of headers)
    try {
      validateHeaderValue(name, value);
    } catch {
      throw new UsageError('--header has a character that no header may have; write it as ASCII');
    }
  return Object.fromEntries(headers);
}

function inNamespace(url: string, namespace: string): string {
  const parsed = new URL(url);
  parsed.pathname = namespace;
  return parsed.href;
}

function mistakeIn(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
  url: string,
): string {
  const [field = 'url'] = issue?.path ?? [];
  const message = printable(issue?.message ?? 'is wrong');
  if (field === 'url') return `${quote(shownUrl(url))} ${message}`;
  const flags: Readonly<Record<string, string>> = { headers: '--header', subprotocols: '--subprotocol' };
  return `${flags[String(field)] ?? `--${String(field)}`}: ${message}`;
}

function utteranceOf({ emit, args, text, receive }: ProbeFlags, protocol: Protocol): Utterance | undefined {
  if (protocol === 'websocket') return text === undefined ? undefined : { text };
  if (emit !== undefined) return { emit, args: argsOf(args) as Json[], ack: true };
  if (args !== undefined || receive !== undefined)
    throw new UsageError(`--${args === undefined ? 'receive' : 'args'} goes with --emit, which names the event`);
  return undefined;
}

function durationOf(text: string, flag: string, least = 1): number {
  const ms = durations.parse(text);
  if (ms instanceof Error) throw new UsageError(`${flag}: ${ms.message}`);
  if (ms < least || ms > longestMs) throw new UsageError(`${flag}: from ${least} ms to 10 minutes is expected`);
  return ms;
}
