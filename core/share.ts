/**
 * How a trial is divided among workers and rooms, and which deliveries are owed for what is sent. Connections are dealt
 * to both in turn, by their number in the trial, so that parts differ by one at most, and both ends of a message can
 * tell its room from its sender's number.
 */

import type { ClientName, Trust } from './client.js';
import type { Endpoint } from './exchange/endpoint.js';
import { isPushed, isShared, uses } from './kind.js';
import type { Tally } from './measure/tally.js';
import { deriveSeed } from './random.js';
import type { Workload } from './scenario.js';
import type { SenderSlice } from './schedule.js';
import type { Protocol, Transport } from './target.js';
import type { TargetOptions } from './variant/target-options.js';

/** The clocks of a trial whose parts are on several hosts, as one worker needs them. */
export interface HostClocks {
  /** By worker: us by which the clock of its host is ahead of this worker's; null where both are on one host. */
  readonly aheadUs: readonly (number | null)[];
  /** The same of the host from which a server of bench sends. */
  readonly serverAheadUs: number | null;
}

/** One worker's part of a trial. Plain JSON. */
export interface Share {
  readonly worker: number;
  readonly workers: number;
  /** Connections this worker opens; its senders are the first `senders.count` of them. */
  readonly connections: number;
  /** Place of this worker's first connection in the ramp of the whole trial. */
  readonly firstConnection: number;
  readonly senders: SenderSlice;
  readonly workload: Workload;
  readonly client: ClientName;
  readonly protocol: Protocol;
  readonly transport: Transport;
  /** Destination addresses, used in turn; each has a port range of its own on the client's side. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly seed: number;
  /** Where the server is the user's own. */
  readonly endpoint?: Endpoint | undefined;
  /** Of a variant. */
  readonly options?: TargetOptions | undefined;
  /** Where a server of bench is reached by TLS. */
  readonly trust?: Trust | undefined;
  /** Absent where server and workers are on one host. */
  readonly clocks?: HostClocks | undefined;
}

/** Everything of a share that is the same for all workers of a trial. */
export type SharedPart = Pick<
  Share,
  'workload' | 'client' | 'protocol' | 'transport' | 'addresses' | 'port' | 'seed' | 'endpoint' | 'options' | 'trust'
>;

/** Which receivers a worker has, and what is sent to them. */
export type Seat = Pick<Share, 'worker' | 'workers' | 'connections' | 'workload' | 'clocks'>;

/** Number in the whole trial of the connection that is `receiver` in its worker; a sender's number is its connection's. */
export function connectionNumber({ worker, workers }: Pick<Share, 'worker' | 'workers'>, receiver: number): number {
  return worker + receiver * workers;
}

/** By how many us the clock of whoever sends as `sender` is ahead of this worker's; null where both are on one host. */
export function senderAheadUs({ workload: { kind }, workers, clocks }: Seat, sender: number): number | null {
  if (clocks === undefined) return null;
  return isPushed(kind) ? clocks.serverAheadUs : (clocks.aheadUs[sender % workers] ?? null);
}

/** How many of `total` things come to part `index` when they are dealt to `parts` in turn. */
function portion(total: number, parts: number, index: number): number {
  return Math.floor(total / parts) + (index < total % parts ? 1 : 0);
}

/** Splits a trial: connections and senders are dealt in turn, so a worker never has more senders than connections. */
export function split(shared: SharedPart, workers: number): Share[] {
  const { connections, publishers } = shared.workload;
  let firstConnection = 0;
  return Array.from({ length: workers }, (_, worker) => {
    const own = portion(connections, workers, worker);
    const share: Share = {
      ...shared,
      worker,
      workers,
      connections: own,
      firstConnection,
      senders: { first: worker, stride: workers, count: portion(publishers, workers, worker), total: publishers },
      seed: deriveSeed(shared.seed, worker),
    };
    firstConnection += own;
    return share;
  });
}

/** One room holds everybody, unless a scenario asks for more. */
export function roomsOf({ kind, rooms }: Pick<Workload, 'kind' | 'rooms'>): number {
  return uses(kind, 'rooms') ? (rooms ?? 1) : 1;
}

/** @param connection its number in the whole trial. */
export function roomOf(connection: number, rooms: number): number {
  return connection % rooms;
}

/** Connections that read all the time; slow readers are the last ones of a trial by number, as publishers are the first. */
function quick({ connections, slowReaders = 0 }: Workload): number {
  return connections - slowReaders;
}

/** The first of a worker's receivers that is slow: all after it are; the number of its receivers where none is. */
export function firstSlowReceiver({ worker, workers, workload }: Seat): number {
  return portion(quick(workload), workers, worker);
}

/** How many members of a room are not slow. */
function quickMembers(workload: Workload, room: number): number {
  return portion(quick(workload), roomsOf(workload), room);
}

/** Whether a sender is owed nothing of what it sends to its room. */
export function exceptsSender({ exchange }: Pick<Workload, 'exchange'>): boolean {
  return exchange?.audience === 'others';
}

/** Whether nobody knows who is owed a delivery: nothing is said of loss. */
export function owesUnknown({ exchange }: Pick<Workload, 'exchange'>): boolean {
  return exchange?.audience === 'unknown';
}

/** Members that a message of somebody in the room is owed to and who read. */
export function readingMembers(workload: Workload, room: number): number {
  return quickMembers(workload, room) - (exceptsSender(workload) ? 1 : 0);
}

/** Deliveries owed for one send, on average over the rooms, while `connections` are open. */
export function owedPerSend(workload: Pick<Workload, 'kind' | 'rooms' | 'exchange'>, connections: number): number {
  if (!isShared(workload.kind)) return 1;
  return Math.max(1, connections / roomsOf(workload) - (exceptsSender(workload) ? 1 : 0));
}

/** What one sender has sent. */
interface Sent {
  /** Its number in the whole trial. */
  readonly index: number;
  readonly sent: number;
  readonly measuredSent: number;
}

/** A sender whose connection an outage cut off. Plain JSON. */
export interface CutSender {
  /** Its number in the whole trial. */
  readonly index: number;
  /** How many messages it had sent when it lost its connection for the last time. */
  readonly sent: number;
}

/** What a worker has to be told of all of them, where a process of the server was killed. Plain JSON. */
export interface KillAccount {
  readonly cutOff: readonly CutSender[];
  /** Messages of all senders, by room. */
  readonly sentByRoom: readonly number[];
}

/** @param sent messages by worker and room. */
export function sentByAll(workload: Workload, sent: readonly (readonly number[])[]): number[] {
  return Array.from({ length: roomsOf(workload) }, (_, room) =>
    sent.reduce((sum, byRoom) => sum + (byRoom[room] ?? 0), 0),
  );
}

/** Messages that `senders` have sent, by room. */
export function sentByRoom(workload: Workload, senders: Iterable<Sent>): number[] {
  const byRoom = new Array<number>(roomsOf(workload)).fill(0);
  for (const { index, sent } of senders) {
    const room = roomOf(index, byRoom.length);
    byRoom[room] = (byRoom[room] ?? 0) + sent;
  }
  return byRoom;
}

/** Enters the deliveries owed for what a sender has sent. */
export function owe(tally: Tally, workload: Workload, { index, sent, measuredSent }: Sent): void {
  const room = roomOf(index, roomsOf(workload));
  if (owesUnknown(workload)) return;
  const others = exceptsSender(workload) ? 1 : 0;
  const members = isShared(workload.kind) ? portion(workload.connections, roomsOf(workload), room) - others : 1;
  const reading = isShared(workload.kind) ? readingMembers(workload, room) : 1;
  tally.owed += sent * members;
  tally.slowOwed += sent * (members - reading);
  tally.measuredOwed += measuredSent * reading;
}

/**
 * Deliveries owed to the receivers of one worker.
 * @param sent messages by worker and room. @param pushed messages that the server sent unasked.
 */
export function owedTo(share: Share, sent: readonly (readonly number[])[], pushed: number): number {
  const { worker, connections, workload } = share;
  const sum = (values: readonly number[] = []): number => values.reduce((total, value) => total + value, 0);
  if (!isShared(workload.kind)) return sum(sent[worker]);
  // Whatever may come is waited for.
  if (owesUnknown(workload)) return Number.MAX_SAFE_INTEGER;
  const ofRoom = sentByAll(workload, sent);
  // Every sender of this worker is one of its receivers.
  let owed = pushed * connections - (exceptsSender(workload) ? sum(sent[worker]) : 0);
  for (let receiver = 0; receiver < connections; receiver++)
    owed += ofRoom[roomOf(connectionNumber(share, receiver), ofRoom.length)] ?? 0;
  return owed;
}
