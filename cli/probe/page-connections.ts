/** The connections of the page of a probe: does what the page asks for, and tells all who look at it what happens. */

import * as z from 'zod';
import { protocols } from '../../core/target.js';
import { significantText } from '../../core/units.js';
import { pageJson } from '../../reports/drawing/escaping.js';
import { UsageError } from '../../runners/failure.js';
import { openSession } from '../../runners/probe/open-session.js';
import { probedTransports } from '../../runners/probe/probe-report.js';
import type { Session } from '../../runners/probe/session.js';
import type { SessionCommand, SessionEvent } from '../../runners/probe/session-event.js';
import type { LiveEvent, LiveSource } from '../live/live-server.js';
import { saidOf } from './event-text.js';
import type { ConnectionForm, ConnectionState, Line, PageCommand, StageRow, Told } from './page-state.js';
import { type ProbeFlags, probedServer } from './probe-flags.js';
import { transportNames } from './probe-text.js';
import { argumentsIn } from './typed-command.js';

const mostConnections = 20;
const mostLines = 500;

const text = z.string().max(100_000);
const connection = z.string().regex(/^[\w-]{1,40}$/);
const form = z.object({
  ...{ url: text, namespace: text, auth: text, headers: text, subprotocols: text, path: text },
  transport: z.union([z.literal(''), z.enum(probedTransports)]),
  protocol: z.union([z.literal(''), z.enum(protocols)]),
  insecure: z.boolean(),
});
/** What a page may ask: it is told apart from anything else that is sent. */
const commandSchema = z.discriminatedUnion('do', [
  z.object({ connection, do: z.literal('connect'), form }),
  z.object({ connection, do: z.enum(['emit', 'ack']), event: text, args: text }),
  z.object({ connection, do: z.literal('reply'), args: text }),
  z.object({ connection, do: z.literal('text'), text }),
  z.object({ connection, do: z.literal('binary'), hex: text }),
  z.object({ connection, do: z.enum(['ping', 'close', 'clear', 'remove']) }),
]);

interface Held {
  state: ConnectionState;
  readonly lines: Line[];
  session: Session | undefined;
}

export class PageConnections implements LiveSource {
  readonly #held = new Map<string, Held>();

  /** @param flags of the command, for what a form leaves out. @param tell everybody who looks. */
  constructor(
    private readonly flags: ProbeFlags,
    private readonly tell: (event: LiveEvent) => void,
  ) {}

  greeting(): LiveEvent {
    return toldOf({ connections: [...this.#held.values()].map(({ state, lines }) => ({ ...state, lines })) });
  }

  /** @throws Error where it is no command, or there are too many connections. */
  command(asked: unknown): void {
    const command: PageCommand = commandSchema.parse(asked);
    if (command.do === 'connect') {
      if (!this.#held.has(command.connection) && this.#held.size >= mostConnections)
        throw new UsageError(`there are ${mostConnections} connections already; remove one`);
      void this.#connect(command.connection, command.form);
      return;
    }
    const held = this.#held.get(command.connection);
    if (command.do === 'remove') {
      held?.session?.close();
      this.#held.delete(command.connection);
      this.tell(toldOf({ connections: [], removed: [command.connection] }));
    } else if (command.do === 'clear' && held) {
      held.lines.length = 0;
      this.tell(toldOf({ connections: [{ ...held.state, lines: [], isCleared: true }] }));
    } else if (held) this.#obey(held, command);
  }

  /** Closes every connection. */
  close(): void {
    for (const { session } of this.#held.values()) session?.close();
  }

  async #connect(connection: string, form: ConnectionForm): Promise<void> {
    const known = this.#held.get(connection);
    if (known?.state.is === 'opening' || known?.state.is === 'ready') return;
    const isSocketio = form.protocol === '' ? /^http/i.test(form.url.trim()) : form.protocol === 'socketio';
    const held: Held = {
      state: { connection, url: '', is: 'opening', status: 'connecting', isSocketio, asks: 0, stages: [] },
      lines: known?.lines ?? [],
      session: undefined,
    };
    this.#held.set(connection, held);
    this.#show(held, {});
    try {
      const { endpoint, request } = await probedServer(form.url.trim(), this.#flagsOf(form));
      // Removed or ended meanwhile.
      if (this.#held.get(connection) !== held || held.state.is !== 'opening') return;
      this.#show(held, { url: request.url, isSocketio: endpoint.protocol === 'socketio' });
      held.session = openSession({ endpoint, ...request }, (event) => this.#happened(held, event));
    } catch (error) {
      // Other connections go on, whatever this one is.
      const why = error instanceof UsageError ? inWordsOfForm(error.message) : String(error);
      this.#happened(held, { is: 'failed', why, atMs: Date.now() });
    }
  }

  #flagsOf({
    namespace,
    auth,
    headers,
    subprotocols,
    path,
    transport,
    protocol,
    insecure,
  }: ConnectionForm): ProbeFlags {
    const given = <Value extends string>(value: Value) => (value.trim() === '' ? undefined : value);
    const { timeout, ca } = this.flags;
    return {
      ...{ namespace: given(namespace), auth: given(auth), path: given(path), insecure, timeout, listen: '0s', ca },
      header: headers.split('\n').filter((line) => line.trim() !== ''),
      subprotocol: given(subprotocols)
        ?.split(/[\s,]+/)
        .filter(Boolean),
      transport: transport || undefined,
      protocol: protocol || undefined,
      ...{ emit: undefined, args: undefined, text: undefined, receive: undefined },
      'allow-remote': this.flags['allow-remote'],
    };
  }

  #obey(held: Held, command: Exclude<PageCommand, { readonly do: 'connect' | 'remove' | 'clear' }>): void {
    const asked = sessionCommandOf(command);
    if (typeof asked === 'string') this.#happened(held, { is: 'refused', why: asked, atMs: Date.now() });
    else if (held.session) void held.session.do(asked);
    else if (asked.do === 'close') this.#happened(held, { is: 'closed', by: 'user', why: '', atMs: Date.now() });
  }

  #happened(held: Held, event: SessionEvent): void {
    const [sign, said] = saidOf(event, held.state.url, false);
    const line = { atMs: event.atMs, sign, text: said };
    held.lines.push(line);
    if (held.lines.length > mostLines) held.lines.shift();
    if (event.is === 'failed' || event.is === 'closed') held.session = undefined;
    this.#show(held, changesBy(event, held.state), line);
  }

  #show(held: Held, changes: Partial<ConnectionState>, ...lines: readonly Line[]): void {
    held.state = { ...held.state, ...changes };
    const { connection } = held.state;
    if (this.#held.get(connection) === held) this.tell(toldOf({ connections: [{ ...held.state, lines }] }));
  }
}

/** What an event changes of a connection. */
function changesBy(event: SessionEvent, { asks }: ConnectionState): Partial<ConnectionState> {
  switch (event.is) {
    case 'ready':
      return {
        is: 'ready',
        status: `ready: ${transportNames[event.transport]}${event.subprotocol === '' ? '' : `, ${event.subprotocol}`}`,
        stages: rowsOf(event),
      };
    case 'failed':
      return { is: 'over', status: 'not connected', asks: 0 };
    case 'closed':
      return { is: 'over', status: event.by === 'user' ? 'closed' : 'closed by the server', asks: 0 };
    case 'upgraded':
      return { status: 'ready: upgraded to WebSocket' };
    case 'event':
      return event.from === 'server' && event.asks ? { asks: asks + 1 } : {};
    case 'replied':
      return { asks: asks - 1 };
    default:
      return {};
  }
}

function rowsOf({ stages, readyMs }: Extract<SessionEvent, { readonly is: 'ready' }>): StageRow[] {
  const sum = (of: 'bytesOut' | 'bytesIn'): number => stages.reduce((all, stage) => all + (stage[of] ?? 0), 0);
  const all = [...stages, { name: 'ready', ms: readyMs, bytesOut: sum('bytesOut'), bytesIn: sum('bytesIn') }];
  return all.map(({ name, ms, bytesOut = 0, bytesIn = 0 }) => ({
    name,
    ms: significantText(ms),
    bytesOut: bytesOut.toLocaleString('en-US'),
    bytesIn: bytesIn.toLocaleString('en-US'),
  }));
}

/** @returns a sentence where arguments are no JSON. */
function sessionCommandOf(
  command: Exclude<PageCommand, { readonly do: 'connect' | 'remove' | 'clear' }>,
): SessionCommand | string {
  if (!('args' in command)) return command as SessionCommand;
  const args = argumentsIn(command.args);
  if (typeof args === 'string') return args;
  if (command.do === 'reply') return { do: 'reply', args };
  if (command.event === '') return 'name an event';
  return { do: 'emit', event: command.event, args, ack: command.do === 'ack' };
}

/** The fields of the form have the names of the flags. */
function inWordsOfForm(sentence: string): string {
  return sentence.replace(/--(?=(?:namespace|auth|header|subprotocol|transport|protocol|path)\b)/g, '');
}

function toldOf(told: Told): LiveEvent {
  return { name: 'told', data: pageJson(told) };
}
