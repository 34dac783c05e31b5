/**
 * Owns who is in which room. Connections are dealt to rooms in turn, by their number in the whole trial, so that any
 * two rooms differ by one member at most and both ends of a message can tell its room from its sender's number.
 */

import { isShared, type Kind, uses } from './kind.js';

/** The part of a workload that rooms depend on. */
export interface Roomed {
  readonly kind: Kind;
  readonly rooms?: number | undefined;
}

/** One room holds everybody, unless a scenario asks for more. */
export function roomsOf({ kind, rooms }: Roomed): number {
  return uses(kind, 'rooms') ? (rooms ?? 1) : 1;
}

/** @param connection its number in the whole trial. */
export function roomOf(connection: number, rooms: number): number {
  return connection % rooms;
}

/** How many of `connections` are in a room. */
export function membersOf(room: number, connections: number, rooms: number): number {
  return Math.ceil((connections - room) / rooms);
}

/** Deliveries owed for one send, on average over the rooms, while `connections` are open. */
export function owedPerSend(workload: Roomed, connections: number): number {
  return isShared(workload.kind) ? connections / roomsOf(workload) : 1;
}
