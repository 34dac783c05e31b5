/** Reads a line that is ready: answers heartbeats, keeps what the server said, and times what comes back. */

import type { Utterance } from '../../core/exchange/endpoint.js';
import { fillAll, type Json, messagesIn, type Variables, withMessage } from '../../core/exchange/placeholders.js';
import type { Clock } from '../../core/schedule.js';
import { packetStart } from '../clients/own/utterance-text.js';
import { parseSocketioPacket } from '../clients/socketio/socketio-packet.js';
import { type Line, type Said, within } from './line.js';
import type { Heard, RoundTrips } from './probe-report.js';
import { WebSocketLine } from './websocket-line.js';

const roundTrips = 20;
const mostNames = 20;
const mostFirstChars = 500;

/** Something that the server said: an event or acknowledgement of Socket.IO, or a message of plain WebSocket. */
interface Message {
  readonly name: string;
  /** Of an acknowledgement. */
  readonly id?: number;
  readonly text: string;
  readonly atUs: number;
}

type IsAnswer = (message: Message) => boolean;

export class Dialogue {
  readonly #heard = new Map<string, { times: number; first: string }>();
  /** Why nothing comes any more. */
  gone: Error | undefined;
  #awaited: { readonly isAnswer: IsAnswer; readonly resolve: (message: Message | undefined) => void } | undefined;

  constructor(
    private readonly line: Line,
    /** Undefined for plain WebSocket. */
    private readonly namespace: string | undefined,
    private readonly clock: Clock,
  ) {
    void this.#read();
  }

  get heard(): Heard[] {
    return [...this.#heard].map(([name, { times, first }]) => ({ name, times, first }));
  }

  /**
   * Sends `say` a number of times, one when the one before was answered: by its acknowledgement, by an event or a message
   * that holds the same `{{message}}`, or by an event `receive`; where plain text has no `{{message}}`, by any. Stops at the
   * first that is not answered in time.
   */
  async echoes(
    say: Utterance,
    receive: string | undefined,
    variables: Variables,
    limitMs: number,
  ): Promise<RoundTrips> {
    const ms: number[] = [];
    let isAcknowledged = false;
    const isMarked = messagesIn(('emit' in say ? say.args : Object.values(say)) as Json) > 0;
    for (let id = 0; id < roundTrips; id++) {
      const token = `bench-${process.pid}-${id}`;
      const isAnswer: IsAnswer = (message) => {
        if (message.id !== undefined) return message.id === id;
        if (isAcknowledged) return false;
        if (receive !== undefined) return message.name === receive;
        return isMarked ? message.text.includes(token) : this.namespace === undefined;
      };
      const startUs = this.clock.nowUs();
      const answer = this.#answer(isAnswer, limitMs);
      this.#say(say, token, id, variables);
      const came = await answer;
      if (came === undefined) break;
      isAcknowledged = came.id !== undefined;
      ms.push((came.atUs - startUs) / 1000);
    }
    return { of: isAcknowledged ? 'acknowledgement' : 'echo', asked: roundTrips, ms };
  }

  /** Pings of WebSocket; undefined where the line has none. */
  async pings(limitMs: number): Promise<RoundTrips | undefined> {
    const { line } = this;
    if (!(line instanceof WebSocketLine)) return undefined;
    const ms: number[] = [];
    for (let i = 0; i < roundTrips; i++) {
      const startUs = this.clock.nowUs();
      const pongUs = await within(line.pinged(), limitMs);
      if (pongUs === undefined) break;
      ms.push((pongUs - startUs) / 1000);
    }
    return { of: 'ping', asked: roundTrips, ms };
  }

  #say(say: Utterance, token: string, id: number, variables: Variables): void {
    const { line, namespace } = this;
    if ('emit' in say) {
      const args = withMessage(fillAll(say.args as Json, variables), token) as readonly Json[];
      // Asked for, so that a server that acknowledges can say so; others pay no heed to it.
      line.send(packetStart({ namespace: namespace ?? '/' }, 2) + id + JSON.stringify([say.emit, ...args]));
      return;
    }
    const text = 'text' in say ? say.text : say.binary;
    line.send(String(withMessage(fillAll(text, variables), token)));
  }

  #answer(isAnswer: IsAnswer, limitMs: number): Promise<Message | undefined> {
    const came = new Promise<Message | undefined>((resolve) => {
      this.#awaited = { isAnswer, resolve };
    });
    return within(came, limitMs).finally(() => {
      this.#awaited = undefined;
    });
  }

  async #read(): Promise<void> {
    try {
      for (;;) this.#take(await this.line.next());
    } catch (error) {
      this.gone = error as Error;
      this.#awaited?.resolve(undefined);
    }
  }

  #take({ data, atUs }: Said): void {
    if (this.namespace === undefined) {
      const isText = typeof data === 'string';
      this.#came({ name: isText ? 'text' : 'binary', text: isText ? data : data.toString('latin1'), atUs });
      return;
    }
    // Bytes belong to the event before.
    if (typeof data !== 'string') return;
    if (data === '2') this.line.send('3');
    const packet = data.startsWith('4') ? parseSocketioPacket(data.slice(1)) : undefined;
    if (packet?.type === 'disconnect') this.#came({ name: 'disconnect', text: '', atUs });
    if (packet?.type === 'ack' && packet.id !== undefined)
      this.#came({ name: 'acknowledgement', id: packet.id, text: JSON.stringify(packet.args), atUs });
    if (packet?.type !== 'event') return;
    const [name, ...args] = packet.args;
    this.#came({ name: String(name), text: args.map((arg) => JSON.stringify(arg)).join(' '), atUs });
  }

  #came(message: Message): void {
    if (this.#awaited?.isAnswer(message)) {
      this.#awaited.resolve(message);
      return;
    }
    const { name, text, id } = message;
    // Asked for by bench alone.
    if (id !== undefined) return;
    const known = this.#heard.get(name);
    if (known) known.times++;
    else if (this.#heard.size < mostNames) this.#heard.set(name, { times: 1, first: text.slice(0, mostFirstChars) });
  }
}
