/** Connection churn: opens connections at random times (Poisson), each in the next room, and closes each after a set stay. */

import type { Client, Connection, Inbox } from '../../core/client.js';
import type { Tally } from '../../core/measure/tally.js';
import { Header, readHeader } from '../../core/payload/message.js';
import { MessagePool } from '../../core/payload/message-pool.js';
import { deriveSeed, exponential, type Random, seededRandom } from '../../core/random.js';
import type { ConnectionChurn as Churn, Workload } from '../../core/scenario.js';
import type { Clock, Window } from '../../core/schedule.js';
import { connectionNumber, roomOf, roomsOf, type Share } from '../../core/share.js';
import type { Episode } from '../load/episode.js';
import { type ClientFor, connectErrorClass, identityBeside, inTurn } from '../load/opener.js';

/** Keeps the arrivals apart from the load's own random gaps. */
const seedBranch = 0x76697369;
/** Who has waited for so long when the trial ends was not kept waiting by a busy machine. */
const longWaitUs = 1e6;

export class ConnectionChurn implements Episode {
  readonly #client: Client;
  readonly #random: Random;
  readonly #closings = new Map<Connection, NodeJS.Timeout>();
  /** By receiver: since when a visitor has waited whose connection is not open yet. */
  readonly #waiting = new Map<number, number>();
  #untilUs = 0;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(
    clientFor: ClientFor,
    private readonly share: Share,
    private readonly churn: Churn,
    private readonly clock: Clock,
    private readonly tally: Tally,
  ) {
    this.#random = seededRandom(deriveSeed(share.seed, seedBranch));
    const inbox = new UnownedInbox(tally, share.workload, (receiver) => roomOfReceiver(share, receiver));
    this.#client = clientFor(inbox, (receiver) => identityBeside(connectionNumber(share, receiver), share.workload));
  }

  /** The last is opened before the end of the measured window. */
  begin({ measureToUs }: Window): void {
    this.#untilUs = measureToUs;
    this.#waitForNext();
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    const longAgoUs = this.clock.nowUs() - longWaitUs;
    for (const sinceUs of this.#waiting.values()) if (sinceUs < longAgoUs) this.tally.countError('connect:timeout');
    for (const [connection, closing] of this.#closings) {
      clearTimeout(closing);
      connection.close();
    }
  }

  #waitForNext(): void {
    const meanGapMs = (1000 * this.share.workers) / this.churn.ratePerSecond;
    this.#timer = setTimeout(() => {
      if (this.clock.nowUs() >= this.#untilUs) return;
      void this.#open(this.#count++);
      this.#waitForNext();
    }, exponential(this.#random) * meanGapMs);
  }

  async #open(receiver: number): Promise<void> {
    this.#waiting.set(receiver, this.clock.nowUs());
    try {
      const address = inTurn(this.share.addresses, receiver);
      const { connection } = await this.#client.open(receiver, address, roomOfReceiver(this.share, receiver));
      if (this.#ended) {
        connection.close();
        return;
      }
      this.tally.visits++;
      const close = (): void => {
        this.#closings.delete(connection);
        connection.close();
      };
      this.#closings.set(connection, setTimeout(close, this.churn.stayMs));
    } catch (error) {
      if (!this.#ended) this.tally.countError(connectErrorClass(error));
    } finally {
      this.#waiting.delete(receiver);
    }
  }
}

function roomOfReceiver(share: Share, receiver: number): number {
  return roomOf(connectionNumber(share, receiver), roomsOf(share.workload));
}

/** Messages to connections that are owed nothing: checked like all others, and not tracked. */
export class UnownedInbox implements Inbox {
  readonly #rooms: number;
  readonly #pool: MessagePool;
  readonly #header = new Header();

  /** @param roomOfReceiver which room a receiver is in. */
  constructor(
    private readonly tally: Tally,
    workload: Workload,
    private readonly roomOfReceiver: (receiver: number) => number,
  ) {
    this.#rooms = roomsOf(workload);
    this.#pool = new MessagePool(workload.payload);
  }

  message(receiver: number, bytes: Uint8Array, start: number, end: number): boolean {
    const intact =
      end - start === this.#pool.sizeBytes &&
      readHeader(bytes, start, this.#header) &&
      this.#pool.isIntact(bytes, start, this.#header);
    if (!intact) {
      this.tally.corrupted++;
      return false;
    }
    this.tally.visitDeliveries++;
    if (roomOf(this.#header.sender, this.#rooms) !== this.roomOfReceiver(receiver)) this.tally.misrouted++;
    return true;
  }

  error(_receiver: number, errorClass: string): void {
    this.tally.countError(errorClass);
  }

  endOfRead(): void {}
  other(): void {}
  pushed(): void {}
  unrecognised(): void {}

  closed(_receiver: number, code: number): void {
    this.tally.countError(`closed:${code}`);
  }
}
