/** Owns the connections that come and go while a trial runs: Poisson arrivals, each into the next room, for a set stay. */

import type { Client, Connection, Inbox } from '../../core/client.js';
import type { Clock } from '../../core/clock.js';
import type { Tally } from '../../core/measure/tally.js';
import { deriveSeed, exponential, type Random, seededRandom } from '../../core/random.js';
import { roomOf, roomsOf } from '../../core/room.js';
import type { ConnectionChurn as Arrivals } from '../../core/scenario.js';
import { connectionNumber, type Share } from '../../core/share.js';
import { connectErrorClass } from '../load/connect-error.js';
import type { Window } from '../load/window.js';
import { ChurnInbox } from './churn-inbox.js';

/** Keeps the arrivals apart from the load's own random gaps. */
const seedBranch = 0x76697369;

export class ConnectionChurn {
  readonly #client: Client;
  readonly #share: Share;
  readonly #arrivals: Arrivals;
  readonly #clock: Clock;
  readonly #tally: Tally;
  readonly #random: Random;
  readonly #here = new Map<Connection, NodeJS.Timeout>();
  #untilUs = 0;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  /** @param clientFor a client of their own, so that their deliveries do not mix with those that are owed. */
  constructor(clientFor: (inbox: Inbox) => Client, share: Share, arrivals: Arrivals, clock: Clock, tally: Tally) {
    const { payload } = share.workload;
    this.#share = share;
    this.#arrivals = arrivals;
    this.#clock = clock;
    this.#tally = tally;
    this.#random = seededRandom(deriveSeed(share.seed, seedBranch));
    const rooms = roomsOf(share.workload);
    this.#client = clientFor(new ChurnInbox(tally, rooms, payload.sizeBytes, (visitor) => this.#roomOf(visitor)));
  }

  /** They come until the end of the measured window, and leave in their own time. */
  start({ measureToUs }: Window): void {
    this.#untilUs = measureToUs;
    this.#waitForNext();
  }

  /** Nobody comes any more, and who is here leaves. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    for (const [connection, leaving] of this.#here) {
      clearTimeout(leaving);
      connection.close();
    }
    this.#here.clear();
  }

  #waitForNext(): void {
    const meanGapMs = (1000 * this.#share.workers) / this.#arrivals.ratePerSecond;
    this.#timer = setTimeout(() => {
      if (this.#clock.nowUs() >= this.#untilUs) return;
      void this.#visit(this.#count++);
      this.#waitForNext();
    }, exponential(this.#random) * meanGapMs);
  }

  async #visit(visitor: number): Promise<void> {
    const { addresses } = this.#share;
    try {
      const address = addresses[visitor % addresses.length]!;
      const { connection } = await this.#client.open(visitor, address, this.#roomOf(visitor));
      if (this.#ended) {
        connection.close();
        return;
      }
      this.#tally.visits++;
      const leave = (): void => {
        this.#here.delete(connection);
        connection.close();
      };
      this.#here.set(connection, setTimeout(leave, this.#arrivals.stayMs));
    } catch (error) {
      if (!this.#ended) this.#tally.countError(connectErrorClass(error));
    }
  }

  #roomOf(visitor: number): number {
    return roomOf(connectionNumber(this.#share, visitor), roomsOf(this.#share.workload));
  }
}
