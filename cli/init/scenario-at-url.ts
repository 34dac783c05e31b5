/** Looks at the server that runs at a URL, guesses what it answers, and makes a scenario that measures it. */

import { stringify } from 'yaml';
import type { Options } from 'yargs';
import type { Endpoint, Utterance } from '../../core/exchange/endpoint.js';
import { printable, quote } from '../../core/printable.js';
import { byFlags, refusal } from '../../runners/endpoint/refusal.js';
import { UsageError } from '../../runners/failure.js';
import { probe } from '../../runners/probe/probe.js';
import type { ProbeReport } from '../../runners/probe/probe-report.js';
import { firstReply, type Reply, usualMessages } from '../../runners/probe/usual-messages.js';
import { type Probed, type ProbeFlags, probedServer, probeOptions } from '../probe/probe-flags.js';
import { authOf, headerOf, shownUrl } from '../scenario/endpoint-flags.js';

const { namespace, auth, header, subprotocol, emit, args, text, insecure } = probeOptions;

export const atUrlOptions = {
  url: {
    type: 'string',
    describe: 'Of a server that runs: looks at it, and writes a scenario that measures it as it is',
  },
  namespace,
  auth,
  header,
  subprotocol,
  insecure,
  emit: { ...emit, describe: 'Socket.IO: the event that is tried; default: some usual ones' },
  args,
  text: { ...text, describe: 'WebSocket: the text that is tried, with {{message}} in it; default: some usual ones' },
  'allow-remote': { type: 'boolean', describe: 'A server on another host may be looked at' },
} as const satisfies Record<string, Options>;

type AtUrlFlags = Pick<ProbeFlags, Exclude<keyof typeof atUrlOptions, 'url'>>;

interface Looked {
  /** Of the scenario file. */
  readonly text: string;
  /** What was found, and what to edit, in lines. */
  readonly found: string;
}

/** @throws UsageError when no connection can be opened. */
export async function scenarioAtUrl(url: string, flags: AtUrlFlags): Promise<Looked> {
  const { probed, report, used } = await lookedAt(url, flags);
  const works = report.transports.filter((one) => one.works).map(({ transport }) => transport);
  const transport = works.length === 0 || works.includes('websocket') ? 'websocket' : 'polling';
  const endpoint = { ...probed.endpoint, transport } as const;
  const { say } = probed.request;
  const messages = say ? [say].map(withoutAck) : usualMessages(endpoint);
  const reply = await firstReply(endpoint, messages).catch((error: unknown) => {
    throw new UsageError(`after one of some usual messages: ${refusal(error, endpoint, 5_000, byFlags)}`);
  });
  const heard = report.heard.map(({ name, times }) => `${quote(printable(name))} ${times} x`);
  const found = [
    `${printable(shownUrl(used))} is a ${endpoint.protocol === 'socketio' ? 'Socket.IO' : 'WebSocket'} server${works.length > 0 ? `; it speaks ${works.join(', ')}` : ''}.`,
    ...(heard.length > 0 ? [`Unasked it sent ${heard.join(', ')}.`] : []),
    replyText(reply, messages),
  ];
  return { text: scenarioText(used, flags, endpoint, reply, messages), found: found.join('\n') };
}

const withoutAck = (said: Utterance): Utterance => ('emit' in said ? { ...said, ack: false } : said);

/** As the scheme says, or else as the other protocol. @throws UsageError */
async function lookedAt(
  url: string,
  flags: AtUrlFlags,
): Promise<{ readonly probed: Probed; readonly report: ProbeReport; readonly used: string }> {
  const look = async (used: string) => {
    const all = { ...flags, timeout: '5s', listen: '500ms' };
    const whole = { ca: undefined, path: undefined, protocol: undefined, receive: undefined, transport: undefined };
    const probed = await probedServer(used, { ...whole, ...all });
    return { probed, report: await probe(probed.endpoint, { ...probed.request, say: undefined }), used };
  };
  const first = await look(url);
  if (first.report.failure === undefined) return first;
  const other = otherScheme(url);
  // Flags of one protocol are wrong for the other.
  const second = other === undefined ? undefined : await look(other).catch(() => undefined);
  if (second !== undefined && second.report.failure === undefined) return second;
  throw new UsageError(first.report.failure);
}

function otherScheme(url: string): string | undefined {
  const others: Readonly<Record<string, string>> = { http: 'ws', https: 'wss', ws: 'http', wss: 'https' };
  const [, scheme = '', rest = ''] = /^(\w+)(:.*)$/s.exec(url) ?? [];
  const other = others[scheme.toLowerCase()];
  return other && `${other}${rest}`;
}

const answers = {
  sender: { kind: 'echo', words: 'comes back to its sender alone' },
  all: { kind: 'broadcast', words: 'comes back to all who are connected' },
  others: { kind: 'broadcast', words: 'is sent on to all others' },
  acknowledged: { kind: 'ack', words: 'is acknowledged, and not sent back' },
} as const;

function nameOf(said: Utterance): string {
  if (!('emit' in said)) return `the text ${'text' in said ? said.text : said.binary}`;
  return `the event ${quote(said.emit)} with ${JSON.stringify(said.args)}`;
}

function replyText(reply: Reply | undefined, messages: readonly Utterance[]): string {
  if (reply) return `What came back: ${nameOf(reply.said)} ${answers[reply.answered].words}.`;
  return `Nothing came back of ${messages.map(nameOf).join(', ')}: the scenario only holds connections until you say what to send.`;
}

function scenarioText(
  url: string,
  { namespace, auth, header = [], subprotocol, insecure }: AtUrlFlags,
  { protocol, transport }: Endpoint,
  reply: Reply | undefined,
  messages: readonly Utterance[],
): string {
  const parsed = new URL(url);
  if (namespace !== undefined) parsed.pathname = namespace;
  const endpoint = {
    url: parsed.href,
    ...(transport === 'websocket' ? {} : { transport }),
    ...(header.length > 0 && { headers: Object.fromEntries(header.map(headerOf)) }),
    ...(auth !== undefined && { auth: authOf(auth) }),
    ...(subprotocol !== undefined && { subprotocols: subprotocol }),
    ...(insecure && { tls: { insecure } }),
  };
  const question = `# How fast is ${printable(shownUrl(parsed.href))}? Written by bench init --url; every field is in docs/your-server.md.\n`;
  const rest = { connections: 50, phases: { warmup: '2s', measure: '3s', drain: '1s' } };
  if (reply === undefined)
    return `${question}${stringify({ kind: 'idle', endpoint, ...rest })}\n${toEdit(messages[0], protocol)}`;
  const { said, answered } = reply;
  const { kind } = answers[answered];
  const exchange = {
    send: 'emit' in said ? { emit: said.emit, args: said.args, ...(said.ack && { ack: true }) } : said,
    ...('emit' in said && kind !== 'ack' && { receive: { event: said.emit } }),
    ...(answered === 'others' && { audience: 'others' }),
  };
  const load = kind === 'broadcast' ? { model: 'open', rate: '20/s' } : { model: 'closed', inflight: 1 };
  return `${question}${stringify({ kind, endpoint, exchange, load, payload: { size: '64B' }, ...rest })}`;
}

/** What the user fills in where nothing came back. */
function toEdit(said: Utterance | undefined, protocol: Endpoint['protocol']): string {
  const send = said && ('emit' in said ? { emit: said.emit, args: said.args } : said);
  const join =
    protocol === 'socketio'
      ? { emit: 'join', args: [{ room: 'room-{{room}}' }], ack: true }
      : { text: '{"join":"room-{{room}}"}', until: 'joined' };
  const example = stringify({
    kind: 'room',
    rooms: 10,
    exchange: { join: [join], send },
    load: { model: 'open', rate: '20/s' },
    payload: { size: '64B' },
  });
  const lines = example.trimEnd().split('\n');
  return `# To measure messages, say what your users say, in place of kind: idle. For example:\n${lines.map((line) => `# ${line}\n`).join('')}`;
}
