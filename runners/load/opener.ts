/** Owns the opening of one connection of a trial: where to, into which room, what it took, and how it failed. */

import type { Client, Connection, Opened } from '../../core/client.js';
import type { Clock } from '../../core/clock.js';
import { uses } from '../../core/kind.js';
import type { Tally } from '../../core/measure/tally.js';
import { roomOf, roomsOf } from '../../core/room.js';
import { connectionNumber, type Share } from '../../core/share.js';
import { connectErrorClass } from './connect-error.js';

/**
 * Sends the first message over a connection whose opening began at `startedUs` and was due at `dueUs`.
 * @returns when it came back. @throws Error whose message is an error class.
 */
export type Prove = (receiver: number, connection: Connection, dueUs: number, startedUs: number) => Promise<number>;

export class Opener {
  readonly #client: Client;
  readonly #share: Share;
  readonly #clock: Clock;
  readonly #tally: Tally;
  readonly #prove: Prove | undefined;
  readonly #rooms: number | undefined;
  #ended = false;

  /** @param prove where opening ends with the first message. */
  constructor(client: Client, share: Share, clock: Clock, tally: Tally, prove: Prove | undefined) {
    this.#client = client;
    this.#share = share;
    this.#clock = clock;
    this.#tally = tally;
    this.#prove = prove;
    this.#rooms = uses(share.workload.kind, 'rooms') ? roomsOf(share.workload) : undefined;
  }

  /** Opens without entering it in the books. @throws Error whose message is an error class. */
  connect(receiver: number): Promise<Opened> {
    const { addresses, firstConnection } = this.#share;
    const address = addresses[(firstConnection + receiver) % addresses.length]!;
    const room = this.#rooms && roomOf(connectionNumber(this.#share, receiver), this.#rooms);
    return this.#client.open(receiver, address, room);
  }

  /** @returns undefined when it failed, which is counted by class; never rejects. */
  async open(receiver: number, dueUs = this.#clock.nowUs()): Promise<Connection | undefined> {
    const tally = this.#tally;
    const startedUs = this.#clock.nowUs();
    let connection: Connection | undefined;
    try {
      const opened = await this.connect(receiver);
      connection = opened.connection;
      const { stagesUs, costs } = opened;
      if (this.#prove) stagesUs.message = (await this.#prove(receiver, connection, dueUs, startedUs)) - startedUs;
      if (this.#ended) throw new Error('connect:timeout');
      tally.connected++;
      // In an outage it is the coming back that is a storm; see `Reconnector`.
      if (this.#share.workload.outage === undefined) tally.openings.count(this.#clock.nowUs());
      tally.costs.count(costs);
      for (const [stage, us] of Object.entries(stagesUs)) tally.recordStage(stage, us as number);
      return connection;
    } catch (error) {
      connection?.close();
      if (this.#ended) return undefined;
      tally.connectFailed++;
      tally.countError(connectErrorClass(error));
      return undefined;
    }
  }

  /** What is still being opened is closed as soon as it is open, and does not count any more. */
  end(): void {
    this.#ended = true;
  }
}
