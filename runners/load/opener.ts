/** Opens the connections of one worker: where to, into which room, how fast, what it took, and how it failed. */

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Connection, Inbox, Opened, OwnServer } from '../../core/client.js';
import { type Endpoint, variablesOf as variablesAt } from '../../core/exchange/endpoint.js';
import type { Variables } from '../../core/exchange/placeholders.js';
import { hasGuests, uses } from '../../core/kind.js';
import type { Tally } from '../../core/measure/tally.js';
import type { Workload } from '../../core/scenario.js';
import type { Clock, Window } from '../../core/schedule.js';
import { connectionNumber, roomOf, roomsOf, type Share } from '../../core/share.js';
import { findClient } from '../client-catalogue.js';
import type { Sender } from './sender.js';

/** Half-open connections of all workers together; below the accept queue of every target. */
const maxPending = 384;

/** As whom a connection introduces itself to a user's own server. */
export interface Identity {
  /** Its number among the users. */
  readonly index: number;
  readonly room: number;
}

type IdentityOf = (receiver: number) => Identity;

/**
 * Makes a client of a share that delivers to an inbox.
 * @param beside who its connections are, where they are not those that the trial holds open.
 */
export type ClientFor = (inbox: Inbox, beside?: IdentityOf) => Client;

/** What a client is told of its trial. */
export async function clientsOf(share: Share, clock: Clock): Promise<ClientFor> {
  const { workload, protocol, transport, port, client, endpoint, options = {} } = share;
  const { compression, parser, namespace, recovery } = options;
  const factory = await findClient(protocol, transport, client);
  const held = (receiver: number): Identity => identityOf(connectionNumber(share, receiver), workload);
  return (inbox, beside) =>
    factory.create({
      protocol,
      transport,
      kind: workload.kind,
      port,
      payload: workload.payload,
      connectTimeoutMs: workload.connect.timeoutMs,
      ackTimeoutMs: workload.ackTimeoutMs ?? workload.connect.timeoutMs,
      mayStayOnPolling: workload.blocking !== undefined,
      recovers: recovery ?? workload.outage?.recovery ?? false,
      ...{ compression, parser, namespace },
      trust: share.trust ?? (endpoint?.secure ? endpoint : undefined),
      own: endpoint && ownServer(beside ? besides(endpoint, workload) : endpoint, beside ?? held),
      inbox,
      clock,
    });
}

/** @param connection its number in the trial. */
export function identityOf(connection: number, workload: Workload): Identity {
  return { index: connection, room: roomOf(connection, roomsOf(workload)) };
}

/** Connections that come and go are further users, who come after those of the connections that are held open. */
export function identityBeside(connection: number, workload: Workload): Identity {
  return { ...identityOf(connection, workload), index: workload.connections + connection };
}

/** Guests say what they say as they come, and nothing before. */
export function besides(endpoint: Endpoint, { kind }: Workload): Endpoint {
  return hasGuests(kind) ? { ...endpoint, exchange: { ...endpoint.exchange, join: [] } } : endpoint;
}

/** The values of a connection's placeholders are made once. */
export function ownServer(endpoint: Endpoint, identityOf: IdentityOf): OwnServer {
  const known = new Map<number, Variables>();
  const variablesOf = (receiver: number): Variables => {
    const before = known.get(receiver);
    if (before) return before;
    const { index, room } = identityOf(receiver);
    const variables = variablesAt(endpoint, index, room, randomUUID());
    known.set(receiver, variables);
    return variables;
  };
  return { endpoint, variablesOf };
}

/** Clients reject with the error class as the message of an error; anything else has no class of its own. */
export function connectErrorClass(error: unknown): string {
  return error instanceof Error ? error.message : 'connect:unknown';
}

/**
 * Sends the first message over a connection whose opening began at `startedUs` and was due at `dueUs`.
 * @returns when it came back. @throws Error whose message is an error class.
 */
export type Prove = (receiver: number, connection: Connection, dueUs: number, startedUs: number) => Promise<number>;

export class Opener {
  /** By receiver; undefined where none is open. */
  readonly connections: (Connection | undefined)[] = [];
  #ended = false;

  /** @param prove where opening ends with the first message. */
  constructor(
    private readonly client: Client,
    private readonly share: Share,
    private readonly clock: Clock,
    private readonly tally: Tally,
    private readonly prove: Prove | undefined,
  ) {}

  /** Opens the connections of the share, not faster than the rate set and not too many at once. */
  async openAll(): Promise<void> {
    const { workers, connections, workload } = this.share;
    this.connections.length = connections;
    const intervalUs = (1e6 * workload.connections) / (workload.connect.ratePerSecond * connections);
    const mayPend = Math.max(1, Math.floor(maxPending / workers));
    const startUs = this.clock.nowUs();
    let next = 0;
    const openOneByOne = async (): Promise<void> => {
      while (next < connections) {
        const receiver = next++;
        const waitMs = (startUs + receiver * intervalUs - this.clock.nowUs()) / 1000;
        if (waitMs >= 1) await sleep(waitMs);
        await this.open(receiver);
      }
    };
    await Promise.all(Array.from({ length: Math.min(mayPend, connections) }, openOneByOne));
  }

  /** Opens a connection; a failure is counted by class. Never rejects. */
  async open(receiver: number, dueUs = this.clock.nowUs()): Promise<void> {
    const tally = this.tally;
    const startedUs = this.clock.nowUs();
    let connection: Connection | undefined;
    try {
      const opened = await this.#connect(receiver);
      connection = opened.connection;
      const { stagesUs, costs } = opened;
      if (this.prove) stagesUs.message = (await this.prove(receiver, connection, dueUs, startedUs)) - startedUs;
      if (this.#ended) throw new Error('connect:timeout');
      tally.connected++;
      // In an outage, it is the openings after it that make the peak; see `Reconnection`.
      if (this.share.workload.outage === undefined) tally.openings.count(this.clock.nowUs());
      tally.costs.count(costs);
      for (const [stage, us] of Object.entries(stagesUs)) tally.recordStage(stage, us as number);
      this.connections[receiver] = connection;
    } catch (error) {
      connection?.close();
      if (this.#ended) return;
      tally.connectFailed++;
      tally.countError(connectErrorClass(error));
    }
  }

  /** Replaces the lost connection of a receiver, and counts nothing. @throws Error whose message is an error class. */
  async reopen(receiver: number): Promise<void> {
    const { connection } = await this.#connect(receiver);
    if (this.#ended) connection.close();
    else this.connections[receiver] = connection;
  }

  /** @returns the receivers whose connections were open. */
  closeAll(): number[] {
    const open = [...this.connections.entries()].flatMap(([receiver, connection]) => (connection ? [receiver] : []));
    for (const receiver of open) {
      this.connections[receiver]?.close();
      this.connections[receiver] = undefined;
    }
    return open;
  }

  /** What is still being opened is closed as soon as it is open, and does not count any more. */
  end(): void {
    this.#ended = true;
  }

  #connect(receiver: number): Promise<Opened> {
    const { addresses, firstConnection, workload } = this.share;
    const room = uses(workload.kind, 'rooms')
      ? roomOf(connectionNumber(this.share, receiver), roomsOf(workload))
      : undefined;
    return this.client.open(receiver, inTurn(addresses, firstConnection + receiver), room);
  }
}

/** Destination addresses are used in turn. */
export function inTurn(addresses: readonly string[], connection: number): string {
  const address = addresses[connection % addresses.length];
  if (address === undefined) throw new Error('a share has no address to connect to');
  return address;
}

/** The first message of each connection, where opening ends with it. */
export class FirstMessages {
  readonly #waiting = new Map<number, { resolve(receivedUs: number): void; reject(error: Error): void }>();

  constructor(private readonly timeoutMs: number) {}

  /**
   * Sends the first message over a connection that has just been opened.
   * @param startedUs when the opening began: that is when the message is said to have been sent.
   * @returns when it came back. @throws Error whose message is an error class.
   */
  async prove(sender: Sender, dueUs: number, startedUs: number, window: Window): Promise<number> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<number>((resolve, reject) => {
        this.#waiting.set(sender.receiver, { resolve, reject });
        timer = setTimeout(() => reject(new Error('connect:no-first-message')), this.timeoutMs);
        if (!sender.send(dueUs, startedUs, window)) reject(new Error('connect:first-message-not-sent'));
        sender.connection.flush();
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(sender.receiver);
    }
  }

  arrived(receiver: number, receivedUs: number): void {
    this.#waiting.get(receiver)?.resolve(receivedUs);
  }

  /** @returns whether the connection was still waiting for its first message, so that its opening has failed. */
  closed(receiver: number): boolean {
    const waiting = this.#waiting.get(receiver);
    waiting?.reject(new Error('connect:closed-before-first-message'));
    return waiting !== undefined;
  }

  /** Opening that is still going on ends now. */
  stop(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error('connect:timeout'));
  }
}
