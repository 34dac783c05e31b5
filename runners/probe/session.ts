/** A connection that somebody uses by hand, over the real client libraries. */

import { randomUUID } from 'node:crypto';
import { ConnectError } from '../../core/client.js';
import { type Endpoint, variablesOf } from '../../core/exchange/endpoint.js';
import type { Variables } from '../../core/exchange/placeholders.js';
import { printable } from '../../core/printable.js';
import { cut } from '../../core/stored-value.js';
import { formatSeconds } from '../../core/units.js';
import { StageWatch } from '../clients/connecting/stage-watch.js';
import { byFlags, refusal } from '../endpoint/refusal.js';
import { monotonicClock } from '../machine/monotonic-clock.js';
import { within } from './line.js';
import { stagesOf } from './opening.js';
import type { ProbedTransport } from './probe-report.js';
import type { Happening, SessionCommand, SessionEvent } from './session-event.js';

const mostChars = 20_000;

export interface SessionRequest {
  readonly endpoint: Endpoint;
  /** Undefined: WebSocket, or else long-polling. */
  readonly transport: ProbedTransport | undefined;
  /** To open the connection, and for each answer. */
  readonly timeoutMs: number;
}

export abstract class Session {
  protected readonly clock = monotonicClock();
  protected readonly watch = new StageWatch(this.clock);
  protected readonly variables: Variables;
  #state: 'opening' | 'ready' | 'over' = 'opening';
  #timer: NodeJS.Timeout | undefined;
  #letGo: (nothing: undefined) => void = () => {};
  readonly #end = new Promise<undefined>((resolve) => {
    this.#letGo = resolve;
  });

  /** @param tell is told of everything, in order. */
  constructor(
    protected readonly request: SessionRequest,
    private readonly tell: (event: SessionEvent) => void,
  ) {
    this.variables = variablesOf(request.endpoint, 0, 0, randomUUID());
    this.#timer = setTimeout(() => this.failed('connect:timeout'), request.timeoutMs);
  }

  protected abstract emit(event: string, args: readonly unknown[], ack: boolean): Promise<void>;
  protected abstract reply(args: readonly unknown[]): void;
  protected abstract text(text: string): void;
  protected abstract binary(bytes: Buffer): void;
  /** @returns when its pong came; a sentence where there are no pings. */
  protected abstract ping(): Promise<number> | string;
  protected abstract end(): void;

  get isReady(): boolean {
    return this.#state === 'ready';
  }

  /** Settles when it is done: an acknowledgement or a pong has come, or did not come in time. */
  async do(command: SessionCommand): Promise<void> {
    if (command.do === 'close') {
      this.close();
      return;
    }
    if (!this.isReady) {
      this.refuse('there is no connection');
      return;
    }
    try {
      await this.#do(command);
    } catch (error) {
      // The library refuses some names of events.
      this.refuse(printable((error as Error).message));
    }
  }

  async #do(command: Exclude<SessionCommand, { readonly do: 'close' }>): Promise<void> {
    switch (command.do) {
      case 'emit':
        return this.emit(command.event, command.args, command.ack);
      case 'reply':
        return this.reply(command.args);
      case 'text':
        return this.text(command.text);
      case 'binary': {
        const { hex } = command;
        if (/^([0-9a-f]{2})*$/i.test(hex)) this.binary(Buffer.from(hex, 'hex'));
        else this.refuse(`${printable(cut(hex, 40))} is not binary; write two hexadecimal digits a byte, like 00ff`);
        return;
      }
      case 'ping':
        return this.#ping();
    }
  }

  /** Ends it, also while it is being opened. */
  close(): void {
    if (this.#over()) this.happened({ is: 'closed', by: 'user', why: '' });
  }

  protected happened(happening: Happening): void {
    this.tell({ ...happening, atMs: Date.now() });
  }

  protected refuse(why: string): void {
    this.happened({ is: 'refused', why });
  }

  protected ready(transport: ProbedTransport, subprotocol: string): void {
    if (this.#state !== 'opening') return;
    this.#state = 'ready';
    clearTimeout(this.#timer);
    const stages = stagesOf(this.watch, this.request.endpoint, transport);
    this.watch.stop();
    const readyMs = stages.reduce((sum, { ms }) => sum + ms, 0);
    this.happened({ is: 'ready', transport, readyMs, stages, subprotocol });
  }

  /** @param errorClass of a connection that was not opened. @param answer what the server said. */
  protected failed(errorClass: string, answer?: string): void {
    if (this.#state !== 'opening') return;
    this.#over();
    const { endpoint, timeoutMs } = this.request;
    this.happened({ is: 'failed', why: refusal(new ConnectError(errorClass, answer), endpoint, timeoutMs, byFlags) });
  }

  /** The server has ended it. */
  protected left(why: string): void {
    if (this.#over()) this.happened({ is: 'closed', by: 'server', why });
  }

  /** @returns false when it was over before. */
  #over(): boolean {
    if (this.#state === 'over') return false;
    this.#state = 'over';
    clearTimeout(this.#timer);
    this.watch.stop();
    this.#letGo(undefined);
    this.end();
    return true;
  }

  async #ping(): Promise<void> {
    const startUs = this.clock.nowUs();
    const ponged = this.ping();
    if (typeof ponged === 'string') {
      this.refuse(ponged);
      return;
    }
    const pongUs = await this.inTime(ponged);
    if (pongUs !== undefined) this.happened({ is: 'pong', ms: (pongUs - startUs) / 1000 });
    else if (this.isReady) this.refuse(`no pong within ${formatSeconds(this.request.timeoutMs)}`);
  }

  /** Undefined when the time for an answer is over, or the connection. */
  protected inTime<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
    return within(Promise.race([answer, this.#end]), this.request.timeoutMs);
  }
}

/** A text of JSON, cut; bytes in it as hexadecimal digits. */
export function shownArgs(args: readonly unknown[]): string {
  return cut(args.map(shownJson).join(' '), mostChars);
}

function shownJson(value: unknown): string {
  if (value instanceof Uint8Array) return `binary ${hexOf(value)}`;
  function withHex(this: unknown, key: string, part: unknown): unknown {
    const original = (this as Record<string, unknown>)[key];
    return original instanceof Uint8Array ? `binary ${hexOf(original)}` : part;
  }
  return JSON.stringify(value, withHex) ?? 'undefined';
}

export function hexOf(bytes: Uint8Array): string {
  return cut(Buffer.from(bytes).toString('hex'), mostChars);
}

export function shownText(text: string): string {
  return cut(text, mostChars);
}
