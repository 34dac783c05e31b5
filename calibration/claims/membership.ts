/** Owns which connections are open, and in which room each of them is. */

import type { Socket } from 'node:net';

export class Membership {
  readonly #roomOf = new Map<Socket, number>();
  readonly #members = new Map<number, Set<Socket>>();

  enter(socket: Socket, room: number): void {
    this.#roomOf.set(socket, room);
    this.#members.set(room, (this.#members.get(room) ?? new Set()).add(socket));
  }

  /** Nothing happens to one that never entered. */
  leave(socket: Socket): void {
    const room = this.#roomOf.get(socket);
    if (room !== undefined) this.#members.get(room)!.delete(socket);
    this.#roomOf.delete(socket);
  }

  get everyone(): Iterable<Socket> {
    return this.#roomOf.keys();
  }

  /** Those in the room of `socket`, itself included; nobody when it is not open. */
  roommates(socket: Socket): Iterable<Socket> {
    const room = this.#roomOf.get(socket);
    return room === undefined ? [] : this.#members.get(room)!;
  }
}
