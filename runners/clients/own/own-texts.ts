/** A user's own WebSocket server through a library: the request of one connection, what it joins and what it sends. */

import type { ClientSetup, OwnServer } from '../../../core/client.js';
import { authorityOf, type Endpoint, requestHeaders, requestPath } from '../../../core/exchange/endpoint.js';
import type { Variables } from '../../../core/exchange/placeholders.js';
import type { MessagePool } from '../../../core/payload/message-pool.js';
import { Joining } from './joining.js';
import { type OwnDeliveries, ownDeliveries } from './own-messages.js';
import { textAround } from './utterance-text.js';

export function plainUrl(endpoint: Endpoint, variables: Variables): string {
  return `${endpoint.secure ? 'wss' : 'ws'}://${authorityOf(endpoint)}${requestPath(endpoint, variables, {})}`;
}

/** Sends bytes, which are written anew for the next message. */
type Say = (bytes: Buffer, isBinary: boolean) => void;

export class OwnTexts {
  readonly url: string;
  readonly subprotocols: string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly #messages: OwnDeliveries;
  readonly #outgoing: Buffer;
  readonly #messageAt: number;
  #joining: Joining | undefined;

  constructor(
    private readonly setup: ClientSetup,
    private readonly own: OwnServer,
    private readonly receiver: number,
    private readonly pool: MessagePool,
  ) {
    const { endpoint } = own;
    const variables = own.variablesOf(receiver);
    this.url = plainUrl(endpoint, variables);
    this.subprotocols = [...endpoint.subprotocols];
    this.headers = requestHeaders(endpoint, variables);
    this.#messages = ownDeliveries(setup, own);
    const { send = { text: '' } } = endpoint.exchange;
    const [before, after] = textAround(send, variables);
    const start = Buffer.from(before);
    this.#outgoing = Buffer.concat([start, Buffer.alloc(setup.payload.sizeBytes), Buffer.from(after)]);
    this.#messageAt = start.length;
  }

  get awaited(): string | undefined {
    return this.#joining?.awaited;
  }

  /** Says what is to be said once; `done` is called after it. */
  join(say: Say, done: () => void): void {
    const variables = this.own.variablesOf(this.receiver);
    this.#joining = new Joining(
      this.own.endpoint.exchange.join,
      ({ say: said }) => say(Buffer.from(textAround(said, variables)[0]), 'binary' in said),
      done,
    );
    this.#joining.next();
  }

  heard(bytes: Buffer, receivedUs: number): void {
    if (!this.#joining?.isDone) {
      this.#joining?.heard(bytes.toString());
      return;
    }
    this.#messages.deliver(this.receiver, bytes, 0, bytes.length, receivedUs);
    this.setup.inbox.endOfRead(this.receiver);
  }

  send(say: Say, sender: number, sequence: number, dueUs: number, sentUs: number, measured: boolean): void {
    const { send = { text: '' } } = this.own.endpoint.exchange;
    this.#outgoing.set(this.pool.write(sender, sequence, dueUs, sentUs, measured), this.#messageAt);
    say(this.#outgoing, 'binary' in send);
  }
}
