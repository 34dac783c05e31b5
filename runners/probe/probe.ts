/** Probes one server: opens a connection stage by stage, times round trips, listens, and tries which transports work. */

import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { ConnectError } from '../../core/client.js';
import { authorityOf, type Endpoint, type Utterance, variablesOf } from '../../core/exchange/endpoint.js';
import { printable, quote } from '../../core/printable.js';
import { cut } from '../../core/stored-value.js';
import { formatSeconds } from '../../core/units.js';
import { failureOf } from '../clients/connecting/opening.js';
import { StageWatch } from '../clients/connecting/stage-watch.js';
import { byFlags, refusal } from '../endpoint/refusal.js';
import { monotonicClock } from '../machine/monotonic-clock.js';
import { Dialogue } from './dialogue.js';
import { Deadline } from './line.js';
import { type Asked, compressionOf, joinNamespace, type OpenLine, openers, openPlain, stagesOf } from './opening.js';
import {
  type ProbedTransport,
  type ProbeReport,
  probedTransports,
  type RoundTrips,
  type Stage,
  type TransportFound,
} from './probe-report.js';
import { Secrets } from './secrets.js';
import { WebSocketLine } from './websocket-line.js';

export interface ProbeRequest {
  /** What the user calls the server, without the query. */
  readonly url: string;
  /** Undefined: whatever works, WebSocket first. */
  readonly transport: ProbedTransport | undefined;
  /** For a connection to open, and for each answer. */
  readonly timeoutMs: number;
  /** How long to listen once round trips are timed. */
  readonly listenMs: number;
  readonly say: Utterance | undefined;
  readonly receive: string | undefined;
  readonly lookupMs: number;
}

interface Failed {
  readonly stages: readonly Stage[];
  readonly error: Error;
}
type Attempt = Failed | { readonly stages: readonly Stage[]; readonly open: OpenLine };
interface Tried {
  readonly transport: ProbedTransport;
  readonly attempt: Attempt;
}

const mostSaidChars = 200;
/** Of plain servers, where Socket.IO would answer beside them. */
const usualPath = '/socket.io/';

export async function probe(endpoint: Endpoint, request: ProbeRequest): Promise<ProbeReport> {
  return new Probe(endpoint, request).report();
}

class Probe {
  readonly #clock = monotonicClock();
  readonly #secrets: Secrets;
  readonly #notes: string[] = [];

  constructor(
    private readonly endpoint: Endpoint,
    private readonly request: ProbeRequest,
  ) {
    this.#secrets = new Secrets(endpoint);
  }

  async report(): Promise<ProbeReport> {
    const { endpoint, request } = this;
    const [address = endpoint.hostname] = endpoint.addresses;
    const common = { url: request.url, protocol: endpoint.protocol, address, notes: this.#notes };
    const lookup = isIP(endpoint.hostname) ? [] : [{ name: 'DNS', ms: request.lookupMs }];
    // What is tried first also loads and compiles what the measured connection uses.
    const tried = endpoint.protocol === 'socketio' ? await this.#tryTransports() : [];
    const compression = await this.#compression(tried);
    const transport = request.transport ?? tried.find(({ attempt }) => 'open' in attempt)?.transport ?? 'websocket';
    const first = tried.find((one) => one.transport === transport)?.attempt;
    const attempt = first && 'error' in first ? furthest(tried) : await this.#attempt(transport, true);
    const stages = [...lookup, ...attempt.stages];
    if ('error' in attempt) {
      const failure = this.#secrets.hidden(await this.#failure(attempt));
      return { ...common, stages, failure, headers: {}, transports: this.#found(tried), heard: [] };
    }
    const { headers, engineio } = attempt.open;
    const subprotocol = headers.get('sec-websocket-protocol');
    return {
      ...common,
      transport,
      readyMs: stages.reduce((sum, { ms }) => sum + ms, 0),
      stages,
      ...(await this.#talk(attempt.open)),
      ...(engineio && { engineio: { ...withoutSid(engineio), upgrades: upgradesIn(tried) ?? engineio.upgrades } }),
      headers: this.#secrets.headers(headers),
      ...(subprotocol !== undefined && { subprotocol }),
      ...(compression !== undefined && { compression }),
      transports: this.#found(tried),
    };
  }

  /** Opens and closes a connection by each transport, without joining the namespace; fewer where nothing can come of it. */
  async #tryTransports(): Promise<Tried[]> {
    const tried: Tried[] = [];
    for (const transport of probedTransports) {
      const attempt = await this.#attempt(transport, false);
      if ('open' in attempt) attempt.open.line.close();
      tried.push({ transport, attempt });
      if ('error' in attempt && (isFinal(attempt) || transport === 'polling')) break;
    }
    return tried;
  }

  #found(tried: readonly Tried[]): TransportFound[] {
    return tried.map(({ transport, attempt }) =>
      'open' in attempt
        ? { transport, works: true }
        : { transport, works: false, answer: this.#secrets.hidden(shortly(attempt.error)) },
    );
  }

  /** @param joins whether the namespace is joined, too. */
  async #attempt(transport: ProbedTransport, joins: boolean, endpoint = this.endpoint): Promise<Attempt> {
    const deadline = new Deadline(this.request.timeoutMs);
    const watch = new StageWatch(this.#clock);
    const asked = this.#asked(endpoint, watch, deadline);
    const opening = async (): Promise<OpenLine> => {
      if (endpoint.protocol === 'websocket') return openPlain(asked);
      const open = await openers[transport](asked);
      if (joins) await joinNamespace(open, asked);
      return open;
    };
    try {
      const open = await deadline.of(opening());
      return { open, stages: stagesOf(watch, endpoint, transport) };
    } catch (error) {
      deadline.giveUp();
      return { error: failureOf(error as Error), stages: stagesOf(watch, endpoint, transport) };
    } finally {
      deadline.kept();
      watch.stop();
    }
  }

  #asked(endpoint: Endpoint, watch: StageWatch, { signal }: Deadline): Asked {
    const variables = variablesOf(endpoint, 0, 0, randomUUID());
    return { endpoint, variables, clock: this.#clock, watch, signal };
  }

  /** Round trips on a line that is ready, and what the server says meanwhile; closes it. */
  async #talk({ line }: OpenLine): Promise<Pick<ProbeReport, 'roundTrips' | 'heard' | 'failure' | 'tls'>> {
    const { say, receive, timeoutMs, listenMs } = this.request;
    const { endpoint } = this;
    const dialogue = new Dialogue(line, endpoint.protocol === 'socketio' ? endpoint.namespace : undefined, this.#clock);
    const roundTrips = await (say
      ? dialogue.echoes(say, receive, variablesOf(endpoint, 0, 0, randomUUID()), timeoutMs)
      : dialogue.pings(timeoutMs));
    await new Promise((resolve) => setTimeout(resolve, listenMs));
    if (roundTrips === undefined)
      this.#notes.push(
        'Round trips are not timed: long-polling has no ping; name an event that is answered with --emit.',
      );
    const { gone } = dialogue;
    const tls = line instanceof WebSocketLine ? tlsOf(line) : undefined;
    line.close();
    const heard = dialogue.heard.map(({ first, ...rest }) => ({ ...rest, first: this.#secrets.hidden(first) }));
    if (heard.some(({ name, first }) => name === 'text' && /^0\{"sid":/.test(first)))
      this.#notes.push(`This is Engine.IO, the transport of Socket.IO: probe ${this.#socketioUrl()} instead.`);
    const failure = gone ? this.#left(gone) : roundTrips && unanswered(roundTrips, timeoutMs, heard);
    return {
      heard,
      ...(tls && { tls }),
      ...(roundTrips && { roundTrips }),
      ...(failure !== undefined && { failure: this.#secrets.hidden(failure) }),
    };
  }

  #left(error: Error): string {
    const [, code] = /closed-(\d+)$/.exec(error.message) ?? [];
    const at = printable(authorityOf(this.endpoint));
    return `${at} closed the connection soon after it was ready${code === undefined ? '' : ` (code ${code})`}; check its log`;
  }

  /** Undefined where there is none, or no WebSocket. */
  async #compression(tried: readonly Tried[]): Promise<string | undefined> {
    if (tried.some(({ transport, attempt }) => transport === 'websocket' && 'error' in attempt)) return undefined;
    const deadline = new Deadline(this.request.timeoutMs);
    const watch = new StageWatch(this.#clock);
    return compressionOf(this.#asked(this.endpoint, watch, deadline)).finally(() => deadline.kept());
  }

  async #failure(attempt: Failed): Promise<string> {
    const { endpoint, request } = this;
    const sentence = refusal(attempt.error, endpoint, request.timeoutMs, byFlags);
    if (isFinal(attempt)) return sentence;
    const isSocketio = endpoint.protocol === 'socketio';
    const path = isSocketio ? endpoint.namespace : usualPath;
    const other: Endpoint = { ...endpoint, protocol: isSocketio ? 'websocket' : 'socketio', path };
    const found = await this.#attempt('polling', false, other);
    if ('error' in found) return sentence;
    found.open.line.close();
    return isSocketio
      ? `${sentence}. A plain WebSocket server answers there: probe ${request.url.replace(/^http/, 'ws')}`
      : `${sentence}. Socket.IO answers there: probe ${this.#socketioUrl()}`;
  }

  #socketioUrl(): string {
    return `${this.endpoint.secure ? 'https' : 'http'}://${authorityOf(this.endpoint)}`;
  }
}

/** Whether another transport or protocol would fare no better: TCP or TLS was refused, or the namespace. */
function isFinal({ error, stages }: Failed): boolean {
  return stages.length === 0 || !/^connect:(http-|closed|hung-up|timeout|bad-|reset)|^engineio:bad/.test(error.message);
}

/** Of attempts that all failed the one that came furthest, or that another could not better; the first where several did. */
function furthest(tried: readonly Tried[]): Attempt {
  const [first, ...rest] = tried.map(({ attempt }) => attempt);
  if (first === undefined) throw new Error('nothing was tried');
  const last = rest.at(-1);
  if (last && 'error' in last && isFinal(last)) return last;
  return rest.reduce((best, next) => (next.stages.length > best.stages.length ? next : best), first);
}

/** Only what polls is offered upgrades. */
function upgradesIn(tried: readonly Tried[]): readonly string[] | undefined {
  const polling = tried.find(({ transport }) => transport === 'polling')?.attempt;
  return polling && 'open' in polling ? polling.open.engineio?.upgrades : undefined;
}

function withoutSid({ sid: _, ...rest }: NonNullable<OpenLine['engineio']>): NonNullable<ProbeReport['engineio']> {
  return rest;
}

function tlsOf({ tls }: WebSocketLine): ProbeReport['tls'] {
  if (tls === undefined) return undefined;
  const { subject, issuer, valid_to: validTo } = tls.getPeerCertificate();
  const named = (of: typeof subject | undefined): string => String(of?.CN ?? of?.O ?? '');
  return {
    version: tls.getProtocol() ?? '',
    cipher: tls.getCipher()?.name ?? '',
    subject: named(subject),
    issuer: named(issuer),
    validTo: validTo ?? '',
  };
}

/** Why a transport does not work, in few words. */
function shortly(error: Error): string {
  const { message } = error;
  const answer = error instanceof ConnectError ? error.answer : undefined;
  return cut(answer ?? message.replace(/^connect:/, ''), mostSaidChars);
}

/** A sentence where not everything was answered. */
function unanswered(
  { of, asked, ms }: RoundTrips,
  limitMs: number,
  heard: readonly { readonly name: string; readonly times: number }[],
): string | undefined {
  if (ms.length === asked) return undefined;
  const which = ms.length === 0 ? 'the first' : `number ${ms.length + 1}`;
  const said = heard.map(({ name, times }) => `${quote(name)} ${times} x`).join(', ');
  const meanwhile = said === '' ? 'the server sent nothing meanwhile' : `meanwhile came ${said}`;
  if (of === 'ping')
    return `of ${asked} pings ${which} was not answered within ${formatSeconds(limitMs)}; ${meanwhile}`;
  return `of ${asked} messages ${which} was not answered within ${formatSeconds(limitMs)}: no acknowledgement, and nothing with {{message}} in it; ${meanwhile}; check --emit, --args, --text and --receive`;
}
