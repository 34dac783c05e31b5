/** Tries a user's own server before anything is measured: one message over first connections, and what is wrong in words. */

import type { Client, ClientFactory, Connection, Inbox, OwnServer } from '../../core/client.js';
import { authorityOf, type Endpoint } from '../../core/exchange/endpoint.js';
import { hasGuests, isAcknowledged, isPushed, isSilent, type Kind } from '../../core/kind.js';
import { Header, readHeader } from '../../core/payload/message.js';
import { deliveriesOf, type MessagePool } from '../../core/payload/message-pool.js';
import { printable, quote } from '../../core/printable.js';
import type { Workload } from '../../core/scenario.js';
import { exceptsSender, owesUnknown, roomsOf } from '../../core/share.js';
import { cut } from '../../core/stored-value.js';
import { formatSeconds } from '../../core/units.js';
import { UsageError } from '../failure.js';
import { besides, identityBeside, identityOf, ownServer } from '../load/opener.js';
import { monotonicClock } from '../machine/monotonic-clock.js';
import { compression, noCompression, refusal } from './refusal.js';

const answerLimitMs = 3_000;
/** A server may send unasked as seldom as that. */
const mostPushLimitMs = 60_000;

/** @throws UsageError that says what the server answered, and what to do. */
export async function tryFirstConnection(
  endpoint: Endpoint,
  factory: ClientFactory,
  workload: Workload,
): Promise<void> {
  const { kind, payload, connect, connections, phases } = workload;
  const rooms = roomsOf(workload);
  const inbox = new FirstInbox(deliveriesOf(workload));
  const clock = monotonicClock();
  const clientAs = (own: OwnServer): Client =>
    factory.create({
      protocol: endpoint.protocol,
      transport: endpoint.transport,
      kind,
      port: endpoint.port,
      payload,
      connectTimeoutMs: connect.timeoutMs,
      ackTimeoutMs: workload.ackTimeoutMs ?? answerLimitMs,
      mayStayOnPolling: false,
      recovers: false,
      trust: endpoint.secure ? endpoint : undefined,
      inbox,
      clock,
      own,
    });
  const client = clientAs(ownServer(endpoint, (index) => identityOf(index, workload)));
  const opened: Connection[] = [];
  const open = async (index: number, by = client): Promise<Connection> => {
    const [address = endpoint.hostname] = endpoint.addresses;
    const { connection } = await by.open(index, address).catch((error: unknown) => {
      throw new UsageError(refusal(error, endpoint, connect.timeoutMs));
    });
    opened.push(connection);
    return connection;
  };
  const came = async (limitMs: number): Promise<void> => {
    if (!(await inbox.came(limitMs))) throw new UsageError(nothingCame(inbox, kind, endpoint, limitMs));
  };
  try {
    const first = await open(0);
    if (isSilent(kind)) return;
    if (isPushed(kind)) return await came(Math.min(mostPushLimitMs, Math.max(answerLimitMs, phases.measureMs)));
    const guests = (receiver: number) => identityBeside(receiver, workload);
    const sender = hasGuests(kind) ? await open(0, clientAs(ownServer(besides(endpoint, workload), guests))) : first;
    // The first two members of a room.
    const hasSecond = exceptsSender(workload) && connections > rooms;
    if (hasSecond) await open(rooms);
    if (owesUnknown(workload) || (exceptsSender(workload) && !hasSecond)) return;
    const nowUs = clock.nowUs();
    sender.send(0, 0, nowUs, nowUs, false);
    sender.flush();
    await came(answerLimitMs);
  } finally {
    for (const connection of opened) connection.close();
  }
}

/** Waits for the first message, and remembers what came in its place. */
class FirstInbox implements Inbox {
  readonly others = new Map<string, number>();
  unlike = '';
  readonly errors: string[] = [];
  #came: (came: boolean) => void = () => {};
  readonly #first = new Promise<boolean>((resolve) => {
    this.#came = resolve;
  });
  readonly #header = new Header();

  constructor(private readonly pool: MessagePool) {}

  async came(limitMs: number): Promise<boolean> {
    const timer = setTimeout(this.#came, limitMs, false);
    return this.#first.finally(() => clearTimeout(timer));
  }

  message(receiver: number, bytes: Uint8Array, start: number, end: number): boolean {
    const isIntact = readHeader(bytes, start, this.#header) && this.pool.isIntact(bytes, start, this.#header);
    if (isIntact) this.#came(true);
    else this.unrecognised(receiver, bytes, start, end);
    return isIntact;
  }

  pushed(): void {
    this.#came(true);
  }

  endOfRead(): void {}

  error(_receiver: number, errorClass: string): void {
    this.errors.push(errorClass);
  }

  other(_receiver: number, name: string): void {
    if (this.others.size < 10) this.others.set(name, (this.others.get(name) ?? 0) + 1);
  }

  unrecognised(_receiver: number, bytes: Uint8Array, start: number, end: number): void {
    this.unlike ||= Buffer.from(bytes.subarray(start, Math.min(end, start + 200))).toString();
  }

  closed(_receiver: number, code: number): void {
    this.errors.push(`closed:${code}`);
    this.#came(false);
  }
}

/** What is waited for, what it lacks that came in its place, and what to do about it, by the kind of work. */
function waitedFor(kind: Kind, { exchange: { sentAt } }: Endpoint) {
  if (isPushed(kind))
    return {
      waited: 'nothing that is to be counted was pushed',
      lacking: `without a time stamp of this minute in ${sentAt?.unit} there`,
      remedy: 'check exchange.receive.sentAt and its unit',
    };
  return {
    waited: `a first message ${isAcknowledged(kind) ? 'was not acknowledged' : 'did not come back'}`,
    lacking: 'without its bytes',
    remedy: hasGuests(kind)
      ? 'the notice has to repeat what the guest says with {{message}}, a name for example: by that it is counted and timed'
      : 'the server has to send {{message}} back as it is: not escaped, encoded or changed',
  };
}

function nothingCame({ others, unlike, errors }: FirstInbox, kind: Kind, endpoint: Endpoint, limitMs: number): string {
  const { receiveEvent, send } = endpoint.exchange;
  if (errors.some((error) => compression.test(error)))
    return `${printable(authorityOf(endpoint))} sends compressed messages, ${noCompression}`;
  const { waited, lacking, remedy } = waitedFor(kind, endpoint);
  const seen = [
    ...(unlike === '' ? [] : [`a message ${lacking}: "${cut(printable(unlike), 180)}"`]),
    ...[...others].map(([name, times]) => `${quote(name)} ${times} x`),
    ...errors.slice(0, 3),
  ];
  const came = seen.length === 0 ? 'The server sent nothing meanwhile' : `Meanwhile came ${seen.join(', ')}`;
  const fields = [
    ...(send ? ['exchange.send'] : []),
    ...(receiveEvent === undefined ? [] : [`exchange.receive.event (${quote(receiveEvent)})`]),
    ...(send ? ['exchange.audience'] : []),
  ];
  const check =
    fields.length > 0 ? `check ${fields.join(', ').replace(/, (?=[^,]*$)/, ' and ')}` : 'measure for longer';
  const attached = /"_placeholder":true|"type":"Buffer"/.test(unlike);
  const advice = attached
    ? 'it came with a binary attachment of Socket.IO, in which bench does not look; let the server send text'
    : remedy;
  return `${waited} within ${formatSeconds(limitMs)}. ${came}; ${unlike === '' ? check : advice}`;
}
