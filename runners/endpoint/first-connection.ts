/** Tries a user's own server before anything is measured: one message over first connections, and what is wrong in words. */

import type { ClientFactory, Connection, Inbox } from '../../core/client.js';
import type { Endpoint } from '../../core/exchange/endpoint.js';
import { isAcknowledged, isSilent } from '../../core/kind.js';
import { blankMessage, Header, headerBytes, paddingIntact, readHeader } from '../../core/message.js';
import { printable, quote } from '../../core/printable.js';
import type { Workload } from '../../core/scenario.js';
import { exceptsSender, owesUnknown, roomsOf } from '../../core/share.js';
import { cut } from '../../core/stored-value.js';
import { formatSeconds } from '../../core/units.js';
import { UsageError } from '../failure.js';
import { ownServer } from '../load/opener.js';
import { monotonicClock } from '../machine/monotonic-clock.js';
import { refusal } from './refusal.js';

const answerLimitMs = 3_000;

/** @throws UsageError that says what the server answered, and what to do. */
export async function tryFirstConnection(
  endpoint: Endpoint,
  factory: ClientFactory,
  workload: Workload,
): Promise<void> {
  const { kind, payload, connect, connections } = workload;
  const rooms = roomsOf(workload);
  const inbox = new FirstInbox(blankMessage(isAcknowledged(kind) ? headerBytes : payload.sizeBytes));
  const client = factory.create({
    protocol: endpoint.protocol,
    transport: endpoint.transport,
    kind,
    port: endpoint.port,
    payload,
    connectTimeoutMs: connect.timeoutMs,
    ackTimeoutMs: workload.ackTimeoutMs ?? answerLimitMs,
    mayStayOnPolling: false,
    recovers: false,
    inbox,
    clock: monotonicClock(),
    own: ownServer(endpoint, workload),
  });
  const opened: Connection[] = [];
  const open = async (index: number): Promise<Connection> => {
    const [address = endpoint.hostname] = endpoint.addresses;
    const { connection } = await client.open(index, address).catch((error: unknown) => {
      throw new UsageError(refusal(error, endpoint, connect.timeoutMs));
    });
    opened.push(connection);
    return connection;
  };
  try {
    const sender = await open(0);
    if (isSilent(kind)) return;
    // The first two members of a room.
    const hasSecond = exceptsSender(workload) && connections > rooms;
    if (hasSecond) await open(rooms);
    if (owesUnknown(workload) || (exceptsSender(workload) && !hasSecond)) return;
    const nowUs = monotonicClock().nowUs();
    sender.send(0, 0, nowUs, nowUs, false);
    sender.flush();
    if (!(await inbox.came(answerLimitMs))) throw new UsageError(nothingCame(inbox, isAcknowledged(kind), endpoint));
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

  /** @param blank the message without its header. */
  constructor(private readonly blank: Uint8Array) {}

  async came(limitMs: number): Promise<boolean> {
    const timer = setTimeout(this.#came, limitMs, false);
    return this.#first.finally(() => clearTimeout(timer));
  }

  message(receiver: number, bytes: Uint8Array, start: number, end: number): boolean {
    const isIntact = readHeader(bytes, start, this.#header) && paddingIntact(bytes, start, this.blank);
    if (isIntact) this.#came(true);
    else this.unrecognised(receiver, bytes, start, end);
    return isIntact;
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

function nothingCame({ others, unlike, errors }: FirstInbox, isAck: boolean, { exchange }: Endpoint): string {
  const waited = isAck ? 'was not acknowledged' : 'did not come back';
  const seen = [
    ...(unlike === '' ? [] : [`a message without its bytes: ${quote(cut(printable(unlike), 160))}`]),
    ...[...others].map(([name, times]) => `${quote(name)} ${times} x`),
    ...errors.slice(0, 3),
  ];
  const came = seen.length === 0 ? 'The server sent nothing meanwhile' : `Meanwhile came ${seen.join(', ')}`;
  const remedy =
    unlike === ''
      ? `check exchange.send${exchange.receiveEvent === undefined ? '' : `, exchange.receive.event (${quote(exchange.receiveEvent)})`} and exchange.audience`
      : 'the server has to send {{message}} back as it is: not escaped, encoded or changed';
  return `a first message ${waited} within ${formatSeconds(answerLimitMs)}. ${came}; ${remedy}`;
}
