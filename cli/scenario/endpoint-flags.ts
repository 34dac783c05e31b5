/** Flags about a user's own server: a URL in place of a scenario file, how the server is started, and which host it may be. */

import { stringify } from 'yaml';
import type { InferredOptionTypes, Options } from 'yargs';
import type { Endpoint } from '../../core/exchange/endpoint.js';
import type { Kind } from '../../core/kind.js';
import { printable, quote } from '../../core/printable.js';
import { schemes } from '../../core/scenario/endpoint-schema.js';
import type { Protocol } from '../../core/target.js';
import { UsageError } from '../../runners/failure.js';
import { splitArguments } from '../../runners/revisions/arguments.js';
import type { OwnProcess } from '../../runners/server/own-server-process.js';

/** Kinds that need no field for which there is no flag. */
const kindsAtUrl: readonly string[] = ['echo', 'ack', 'broadcast', 'connect', 'idle'] satisfies Kind[];

/** Of a server at a URL, and stored with the command; none of them holds a secret. */
export const urlOptions = {
  emit: { type: 'string', describe: 'With a URL of Socket.IO: the event to send, {{message}} being its argument' },
  args: {
    type: 'string',
    describe: 'With a URL of Socket.IO: the arguments of the event, JSON with {{message}} in it',
  },
  text: { type: 'string', describe: 'With a URL of WebSocket: the text to send, with {{message}} in it' },
  receive: { type: 'string', describe: 'With a URL of Socket.IO: the event that brings a message back' },
  namespace: { type: 'string', describe: 'With a URL of Socket.IO: the namespace. Default: the path of the URL' },
  kind: { type: 'string', describe: `With a URL: ${kindsAtUrl.join(', ')}. Default: echo` },
  users: { type: 'string', describe: 'With a URL: a CSV file with a row for each connection, {{user.NAME}} in texts' },
} as const satisfies Record<string, Options>;

/** Not stored: they may hold secrets, or run a command. */
export const endpointOptions = {
  header: { type: 'string', array: true, describe: 'With a URL: a header of the handshake, e.g. "Cookie: sid=1"' },
  auth: { type: 'string', describe: 'With a URL of Socket.IO: auth of the namespace, JSON or NAME=VALUE' },
  start: {
    type: 'string',
    describe:
      'A command that starts your own server before each trial, without a shell; it is told the port in PORT. Alone: the one in the file',
  },
  'allow-remote': { type: 'boolean', describe: 'An endpoint on another host may be loaded' },
} as const satisfies Record<string, Options>;

export type EndpointFlags = Partial<InferredOptionTypes<typeof urlOptions & typeof endpointOptions>>;

export function isUrl(scenario: string): boolean {
  return /^(wss?|https?):\/\//i.test(scenario);
}

/** @throws UsageError when flags that only go with a URL stand beside a scenario file. */
export function refuseUrlFlags(flags: EndpointFlags): void {
  const names = [...(Object.keys(urlOptions) as (keyof typeof urlOptions)[]), 'header', 'auth'] as const;
  const given = names.find((name) => flags[name] !== undefined);
  if (given !== undefined) throw new UsageError(`--${given} goes with a URL; write it into the scenario file`);
}

const flagsOf = {
  socketio: ['namespace', 'auth', 'transport', 'path', 'emit', 'args', 'receive'],
  websocket: ['subprotocol', 'text'],
} as const;

/**
 * @param hasProtocolFlag whether `--protocol` is a remedy, too: a URL with another scheme need not be.
 * @throws UsageError when a flag says something about the protocol that is not spoken.
 */
export function refuseFlagsOfOther(
  protocol: Protocol,
  flags: Readonly<Record<string, unknown>>,
  hasProtocolFlag = false,
): void {
  const [other, words, remedy] =
    protocol === 'websocket'
      ? (['socketio', 'is of Socket.IO, and this is plain WebSocket', 'http://'] as const)
      : (['websocket', 'is of plain WebSocket, and this is Socket.IO', 'ws://'] as const);
  const wrong = flagsOf[other].find((name) => flags[name] !== undefined);
  if (wrong === undefined) return;
  const or = hasProtocolFlag ? ` or --protocol ${other}` : '';
  throw new UsageError(`--${wrong} ${words}; leave it out, or use a URL with ${remedy}${or}`);
}

/** What may be printed and stored of it: the query may hold a secret. */
export function shownUrl(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/\/\/[^/@]*@/, '//');
}

/** A scenario file of an echo, or what `--kind` says, as the flags have it. @throws UsageError */
export function scenarioOfUrl(url: string, flags: EndpointFlags): string {
  const { emit, text, receive, namespace, kind = 'echo', users, header = [], auth } = flags;
  if (!URL.canParse(url))
    throw new UsageError(`${quote(shownUrl(url))} is no URL; write it like http://localhost:3000/chat`);
  if (!kindsAtUrl.includes(kind))
    throw new UsageError(
      `--kind ${printable(kind)}: with a URL it is one of ${kindsAtUrl.join(', ')}; write a scenario file for others (docs/your-server.md)`,
    );
  for (const [name, said] of Object.entries({ text, args: flags.args }))
    if (said !== undefined && !said.includes('{{message}}'))
      throw new UsageError(`--${name} holds {{message}} nowhere; it stands for the message, once`);
  const parsed = new URL(url);
  if (namespace !== undefined) parsed.pathname = namespace;
  const isSocketio = schemes[parsed.protocol as keyof typeof schemes]?.protocol === 'socketio';
  refuseFlagsOfOther(isSocketio ? 'socketio' : 'websocket', flags);
  const isIdle = kind === 'idle';
  const ack = kind === 'ack' ? { ack: true } : {};
  const send = isSocketio
    ? { emit: emit ?? 'message', args: argsOf(flags.args), ...ack }
    : { text: text ?? '{{message}}' };
  const receiveEvent = receive ?? (kind === 'ack' ? undefined : emit);
  const endpoint = {
    url: parsed.href,
    ...(header.length > 0 && { headers: Object.fromEntries(header.map(headerOf)) }),
    ...(auth !== undefined && { auth: authOf(auth) }),
  };
  return stringify({
    kind,
    endpoint,
    ...(users !== undefined && { users: { file: users } }),
    ...(!isIdle && { exchange: { send, ...(receiveEvent !== undefined && { receive: { event: receiveEvent } }) } }),
    connections: 50,
    ...(!isIdle && {
      load: kind === 'echo' || kind === 'ack' ? { model: 'closed', inflight: 1 } : { model: 'open', rate: '20/s' },
      payload: { size: '64B' },
    }),
    phases: { warmup: '2s', measure: '3s', drain: '1s' },
  });
}

/** How the server comes to run. @throws UsageError when the command cannot be understood, or there is none. */
export function processFrom(
  { start }: EndpointFlags,
  asked: { readonly start?: string | undefined; readonly pid?: number | undefined },
): OwnProcess {
  // A command in a file is somebody else's until the user says --start.
  if (start === undefined) return { pid: asked.pid };
  const text = start === '' ? asked.start : start;
  if (text === undefined)
    throw new UsageError(
      '--start names no command, and the file has none under endpoint.start; write --start "node server.js"',
    );
  const command = splitArguments(text);
  if (command instanceof Error) throw new UsageError(`--start cannot be understood: ${command.message}`);
  return { command };
}

/** Whom a run is about to load, and with what, for the user to see. */
export function remoteNotice({ hostname, addresses }: Endpoint, load: string): string {
  return `bench: loads ${quote(hostname)} (${addresses.join(', ')}) with ${load}\n`;
}

export function argsOf(args: string | undefined): unknown[] {
  if (args === undefined) return ['{{message}}'];
  const value = jsonOf(args, '--args');
  return Array.isArray(value) ? value : [value];
}

export function authOf(auth: string): unknown {
  const pair = /^([\w-]+)=(.*)$/s.exec(auth);
  return pair?.[1] === undefined ? jsonOf(auth, '--auth') : { [pair[1]]: pair[2] };
}

/** @throws UsageError that does not repeat the text, which may be a secret. */
function jsonOf(text: string, flag: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${flag} is no JSON; write it like ${flag} '{"token":"…"}'`);
  }
}

export function headerOf(text: string): [name: string, value: string] {
  const [, name, value] = /^([!#$%&'*+\-.^_`|~\w]+):\s*(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined || /[\r\n]/.test(value))
    throw new UsageError('--header is written like "Cookie: sid=1"');
  return [name, value];
}
