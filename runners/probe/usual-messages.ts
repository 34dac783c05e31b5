/** Tries what applications usually send at a user's own server: which message comes back, and to whom. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Connection, Inbox } from '../../core/client.js';
import type { Endpoint, Exchange, Utterance } from '../../core/exchange/endpoint.js';
import { type Kind, kinds } from '../../core/kind.js';
import { Header, readHeader } from '../../core/payload/message.js';
import { findClient } from '../client-catalogue.js';
import { ownServer } from '../load/opener.js';
import { monotonicClock } from '../machine/monotonic-clock.js';

/** Who has a message: its sender alone, all, all others; or it is only acknowledged. */
export type Answered = 'sender' | 'all' | 'others' | 'acknowledged';

export interface Reply {
  readonly said: Utterance;
  readonly answered: Answered;
}

const sizeBytes = 64;
const openLimitMs = 5_000;
const answerLimitMs = 700;

/** The simplest first. */
const usualEvents = ['message', 'chat message', 'echo', 'ping'];
const usualArgs = ['{{message}}', { text: '{{message}}' }];
/** All JSON: what is none ends many a server that expects it, and a server that sends back anything sends back these. */
const usualTexts = ['{"type":"message","data":"{{message}}"}', '{"text":"{{message}}"}'];

export function usualMessages({ protocol }: Pick<Endpoint, 'protocol'>): Utterance[] {
  if (protocol === 'websocket') return usualTexts.map((text) => ({ text }));
  return usualArgs.flatMap((arg) => usualEvents.map((emit) => ({ emit, args: [arg], ack: false })));
}

/** The first of the messages that comes back, or else that is acknowledged. @throws ConnectError */
export async function firstReply(endpoint: Endpoint, messages: readonly Utterance[]): Promise<Reply | undefined> {
  for (const said of messages) {
    const answered = await tried(endpoint, said, 'broadcast');
    if (answered) return { said, answered };
  }
  for (const said of messages)
    if ('emit' in said && (await tried(endpoint, { ...said, ack: true }, 'ack')))
      return { said: { ...said, ack: true }, answered: 'acknowledged' };
  return undefined;
}

/** One message by the first of two connections: who of them has it. */
async function tried(endpoint: Endpoint, said: Utterance, kind: Kind): Promise<Answered | undefined> {
  const had = new Set<number>();
  const isAsked = kinds[kind].delivers === undefined;
  const exchange: Exchange = { join: [], send: said, receiveEvent: isAsked && 'emit' in said ? said.emit : undefined };
  const client = await clientOf({ ...endpoint, exchange }, kind, inboxInto(had));
  const opened: Connection[] = [];
  try {
    const [address = endpoint.hostname] = endpoint.addresses;
    for (const receiver of [0, 1]) opened.push((await client.open(receiver, address)).connection);
    const nowUs = monotonicClock().nowUs();
    opened[0]?.send(0, 0, nowUs, nowUs, false);
    opened[0]?.flush();
    await sleep(answerLimitMs);
  } finally {
    for (const connection of opened) connection.close();
  }
  const [sender, other] = [had.has(0), had.has(1)];
  if (!isAsked) return sender ? 'acknowledged' : undefined;
  if (sender) return other ? 'all' : 'sender';
  return other ? 'others' : undefined;
}

async function clientOf(endpoint: Endpoint, kind: Kind, inbox: Inbox): Promise<Client> {
  const { protocol, transport, port } = endpoint;
  const factory = await findClient(protocol, transport);
  return factory.create({
    protocol,
    transport,
    kind,
    port,
    payload: { sizeBytes, type: 'text' },
    connectTimeoutMs: openLimitMs,
    ackTimeoutMs: answerLimitMs,
    mayStayOnPolling: false,
    recovers: false,
    inbox,
    clock: monotonicClock(),
    own: ownServer(endpoint, (index) => ({ index, room: 0 })),
  });
}

/** @param had filled with the receivers of the message. */
function inboxInto(had: Set<number>): Inbox {
  const header = new Header();
  return {
    message(receiver, bytes, start) {
      if (readHeader(bytes, start, header)) had.add(receiver);
      return true;
    },
    endOfRead() {},
    error() {},
    other() {},
    pushed() {},
    unrecognised() {},
    closed() {},
  };
}
