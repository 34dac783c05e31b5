/** Wire connections to a user's own server: its texts around the messages, whatever it sends besides, and joining first. */

import type { OwnServer } from '../../../core/client.js';
import { answerClass } from '../../../core/exchange/answer.js';
import type { JoinStep, Utterance } from '../../../core/exchange/endpoint.js';
import { fillAll, type Variables } from '../../../core/exchange/placeholders.js';
import { isAcknowledged } from '../../../core/kind.js';
import { headerBytes, writeHeader } from '../../../core/payload/message.js';
import { Joining } from '../own/joining.js';
import { MessagesInFlight } from '../own/messages-in-flight.js';
import { type OwnDeliveries, ownDeliveries } from '../own/own-messages.js';
import { packetStart, textAround } from '../own/utterance-text.js';
import { type DataPacket, holds, SocketioConnection } from '../socketio/socketio-connection.js';
import { opcodes } from '../websocket/frame.js';
import { ackIdDigits } from '../websocket/frame-template.js';
import type { WireShared } from '../websocket/websocket-transport.js';
import type { Dialect } from './wire-client.js';
import { type Asked, WireConnection } from './wire-connection.js';

/** What is the same for all connections of a client. */
interface Shared {
  readonly messages: OwnDeliveries;
  /** What a packet begins with that brings a message back. */
  readonly usualStart: Buffer;
  /** Whether what follows can be handed over as it is; else its arguments are taken out. */
  readonly isSearched: boolean;
}

const sharedBy = new WeakMap<WireShared, Shared>();

function sharedOf(client: WireShared): Shared {
  const known = sharedBy.get(client);
  if (known) return known;
  const { setup } = client;
  const own = ownOf(client);
  const { endpoint } = own;
  const { receiveEvent, sentAt } = endpoint.exchange;
  const event = receiveEvent === undefined ? '' : JSON.stringify([receiveEvent]).slice(0, -1);
  const usualStart = Buffer.from(packetStart(endpoint, 2) + event);
  // Acknowledgements are measured by their ids, and a time stamp stands at a place in the arguments.
  const isSearched = !isAcknowledged(setup.kind) && sentAt === undefined;
  const shared = { messages: ownDeliveries(setup, own), usualStart, isSearched };
  sharedBy.set(client, shared);
  return shared;
}

function ownOf({ setup: { own } }: WireShared): OwnServer {
  if (own === undefined) throw new Error('the client was made for a server of bench');
  return own;
}

class OwnPlainConnection extends WireConnection {
  readonly #messages: OwnDeliveries;
  readonly #variables: Variables;
  readonly #joining: Joining;

  constructor(client: WireShared, asked: Asked) {
    super(client, asked);
    const own = ownOf(client);
    this.#messages = sharedOf(client).messages;
    this.#variables = own.variablesOf(asked.receiver);
    this.#joining = new Joining(
      own.endpoint.exchange.join,
      (step) => this.#say(step),
      () => this.ready(),
    );
  }

  websocketOpened(): void {
    this.#joining.next();
  }

  protected override get awaited(): string | undefined {
    return this.#joining.awaited;
  }

  message(_isText: boolean, bytes: Buffer, start: number, end: number): boolean {
    if (this.#joining.isDone) return this.#messages.deliver(this.receiver, bytes, start, end, this.client.receivedUs);
    this.#joining.heard(bytes.toString('utf8', start, end));
    return false;
  }

  #say({ say }: JoinStep): void {
    const [text] = textAround(say, this.#variables);
    this.sendPacket('binary' in say ? Buffer.from(text) : text);
  }
}

class OwnSocketioConnection extends SocketioConnection {
  readonly #shared: Shared;
  readonly #own: OwnServer;
  readonly #variables: Variables;
  readonly #joining: Joining;
  #sender = 0;
  /** Only where acknowledgements are what is measured. */
  readonly #inFlight: MessagesInFlight | undefined;

  constructor(client: WireShared, asked: Asked) {
    super(client, asked);
    this.#own = ownOf(client);
    this.#shared = sharedOf(client);
    this.#variables = this.#own.variablesOf(asked.receiver);
    if (isAcknowledged(client.setup.kind)) this.#inFlight = new MessagesInFlight();
    const { join } = this.#own.endpoint.exchange;
    this.#joining = new Joining(
      join,
      (step, ackId) => this.#say(step.say, ackId),
      () => this.ready(),
    );
  }

  override send(sender: number, sequence: number, dueUs: number, sentUs: number, measured: boolean): boolean {
    const isQueued = super.send(sender, sequence, dueUs, sentUs, measured);
    if (isQueued && this.#inFlight) {
      this.#sender = sender;
      this.#inFlight.add(sequence, dueUs, sentUs, measured);
    }
    return isQueued;
  }

  message(isText: boolean, bytes: Buffer, start: number, end: number): boolean {
    const { usualStart, messages, isSearched } = this.#shared;
    if (isText && this.#joining.isDone && this.mayBeUsual && isSearched && holds(bytes, start, usualStart))
      return messages.deliver(this.receiver, bytes, start + usualStart.length, end, this.client.receivedUs);
    return this.otherMessage(isText, bytes, start, end);
  }

  protected override connectPacket(): string {
    const { endpoint } = this.#own;
    const { auth } = endpoint;
    const data = auth === undefined ? '' : JSON.stringify(fillAll(auth, this.#variables));
    return packetStart(endpoint, 0) + data;
  }

  protected override connected(): void {
    this.#joining.next();
  }

  protected override get awaited(): string | undefined {
    return this.#joining.awaited;
  }

  protected override data({ type, id = 0, args }: DataPacket): void {
    const { inbox } = this.client.setup;
    const { messages } = this.#shared;
    if (type === 'ack') {
      if (this.#joining.isDone) this.#acknowledged(id, args);
      else this.#joining.acknowledged(id);
      return;
    }
    const name = String(args[0]);
    if (!this.#joining.isDone) {
      this.#joining.heard(name);
      return;
    }
    const { receiveEvent = name } = this.#own.endpoint.exchange;
    if (name !== receiveEvent || this.#inFlight) inbox.other(this.receiver, name);
    else {
      const text = Buffer.from(JSON.stringify(args.slice(1)));
      messages.deliver(this.receiver, text, 0, text.length, this.client.receivedUs);
    }
  }

  /** Of acknowledgements and attachments nothing is a message. */
  protected carriedBy(): undefined {
    return undefined;
  }

  protected deliver(): boolean {
    return true;
  }

  #acknowledged(id: number, args: readonly unknown[]): void {
    const { inbox } = this.client.setup;
    const sent = this.#inFlight?.take(id);
    if (sent === undefined) {
      inbox.other(this.receiver, 'acknowledgement');
      return;
    }
    writeHeader(acknowledged, 0, 0, this.#sender, id, sent.dueUs, sent.sentUs, sent.measured);
    inbox.message(this.receiver, acknowledged, 0, headerBytes, this.client.receivedUs);
    inbox.other(this.receiver, answerClass(args));
  }

  #say(said: Utterance, ackId: number): void {
    const id = 'emit' in said && said.ack ? String(ackId) : '';
    const [text] = textAround(said, this.#variables);
    this.sendPacket(packetStart(this.#own.endpoint, 2) + id + text);
  }
}

/** What the recorder is given for an acknowledgement; one serves all connections. */
const acknowledged = new Uint8Array(headerBytes);

/** A message, which waits for nothing else: the connection it goes out on is ready. */
const frames: Dialect['frames'] = ({ own }, blank, variables = {}) => {
  const said = own?.endpoint.exchange.send;
  if (said === undefined || own === undefined) return [{ opcode: opcodes.text, payload: blank, headerAt: 0 }];
  const isEvent = 'emit' in said;
  const type = isEvent ? packetStart(own.endpoint, 2) : '';
  const id = isEvent && said.ack ? '0'.repeat(ackIdDigits) : '';
  const [before, after] = textAround(said, variables);
  const start = Buffer.from(type + id + before);
  const frame = {
    opcode: 'binary' in said ? opcodes.binary : opcodes.text,
    payload: Buffer.concat([start, blank, Buffer.from(after)]),
    headerAt: start.length,
  };
  return [id === '' ? frame : { ...frame, ackIdAt: type.length }];
};

export const ownPlainDialect: Dialect = { path: '/', frames, Connection: OwnPlainConnection };
export const ownSocketioDialect: Dialect = { path: '/', frames, Connection: OwnSocketioConnection };
