/** Owns the arithmetic of what is owed: to all for what a worker sent, and to one worker for what all have sent. */

import { isShared } from '../../core/kind.js';
import type { Tally } from '../../core/measure/tally.js';
import { membersOf, roomOf, roomsOf } from '../../core/room.js';
import type { Workload } from '../../core/scenario.js';
import { connectionNumber, type Share } from '../../core/share.js';
import { slowMembers } from '../episodes/slow-readers.js';
import type { Sender } from './sender.js';

/** What `senders` have sent, by room. */
export function sentByRoom(workload: Workload, senders: Iterable<Sender>): number[] {
  const rooms = roomsOf(workload);
  const byRoom = new Array<number>(rooms).fill(0);
  for (const { index, sent } of senders) byRoom[roomOf(index, rooms)]! += sent;
  return byRoom;
}

/** Enters the deliveries owed for what `senders` have sent. */
export function enterOwed(tally: Tally, workload: Workload, senders: Iterable<Sender>): void {
  const rooms = roomsOf(workload);
  const measuredByRoom = new Array<number>(rooms).fill(0);
  for (const { index, measuredSent } of senders) measuredByRoom[roomOf(index, rooms)]! += measuredSent;
  for (const [room, sent] of sentByRoom(workload, senders).entries())
    owe(tally, workload, room, sent, measuredByRoom[room]!);
}

/** Enters what is owed to the members of a room for messages that were sent to it. */
export function owe(tally: Tally, workload: Workload, room: number, sent: number, measuredSent: number): void {
  const shared = isShared(workload.kind);
  const members = shared ? membersOf(room, workload.connections, roomsOf(workload)) : 1;
  const slow = shared ? slowMembers(workload, room) : 0;
  tally.owed += sent * members;
  tally.slowOwed += sent * slow;
  tally.measuredOwed += measuredSent * (members - slow);
}

/**
 * Deliveries owed to the receivers of one worker.
 * @param sent messages by worker and room. @param pushed messages that the server sent unasked.
 */
export function owedTo(share: Share, sent: readonly (readonly number[])[], pushed: number): number {
  const { worker, connections, workload } = share;
  if (!isShared(workload.kind)) return sum(sent[worker]!);
  const rooms = roomsOf(workload);
  const ofRoom = Array.from({ length: rooms }, (_, room) => sum(sent.map((byRoom) => byRoom[room]!)));
  let owed = pushed * connections;
  for (let receiver = 0; receiver < connections; receiver++)
    owed += ofRoom[roomOf(connectionNumber(share, receiver), rooms)]!;
  return owed;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
