/**
 * Presence: clients that join their room and leave it, in turn and when it is due, and send a message about both. They
 * are not among the connections that a trial holds open, and nothing is owed to them. At a user's own server each message
 * is a join, which the server tells the members of the room by itself; who leaves just goes.
 */

import type { Client, Connection } from '../../core/client.js';
import type { Tally } from '../../core/measure/tally.js';
import type { Clock } from '../../core/schedule.js';
import { connectionNumber, roomOf, roomsOf, type Share } from '../../core/share.js';
import type { Episode } from '../load/episode.js';
import { type ClientFor, connectErrorClass, identityBeside, inTurn } from '../load/opener.js';
import { UnownedInbox } from './connection-churn.js';

/** Sends the message of one join or leave. @returns false when it could not be sent. */
type Announce = (connection: Connection) => boolean;

export class Presence implements Episode {
  readonly senders: readonly Guest[];

  constructor(clientFor: ClientFor, share: Share, clock: Clock, tally: Tally) {
    const { addresses, senders, workload } = share;
    const rooms = roomsOf(workload);
    const roomOfGuest = (guest: number): number => roomOf(connectionNumber(share, guest), rooms);
    // A guest has two receivers, because its new connection is opened before the old one is closed.
    const inbox = new UnownedInbox(tally, workload, (receiver) => roomOfGuest(receiver >> 1));
    const client = clientFor(inbox, (receiver) => identityBeside(connectionNumber(share, receiver >> 1), workload));
    this.senders = Array.from({ length: senders.count }, (_, guest) => {
      const address = inTurn(addresses, connectionNumber(share, guest));
      return new Guest(client, 2 * guest, address, roomOfGuest(guest), share.endpoint !== undefined, clock, tally);
    });
  }

  begin(): void {}

  end(): void {
    for (const guest of this.senders) guest.close();
  }
}

/** Takes every message with an even number for a join and every other one for a leave, or each for a join. */
class Guest implements Connection {
  #joins = 0;
  #joined: Connection | undefined;
  #left: Connection | undefined;
  #lastStep: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(
    private readonly client: Client,
    private readonly firstReceiver: number,
    private readonly address: string,
    private readonly room: number,
    private readonly isAlwaysJoining: boolean,
    private readonly clock: Clock,
    private readonly tally: Tally,
  ) {}

  /** The message counts as sent when it is sent: for a join, once the connection is open. */
  send(sender: number, sequence: number, dueUs: number, _sentUs: number, measured: boolean): boolean {
    const announce: Announce = (connection) => {
      const isSent = connection.send(sender, sequence, dueUs, this.clock.nowUs(), measured);
      connection.flush();
      return isSent;
    };
    const joins = this.isAlwaysJoining || sequence % 2 === 0;
    this.#lastStep = this.#lastStep.then(() => (joins ? this.#join(announce) : this.#leave(announce)));
    return true;
  }

  async #join(announce: Announce): Promise<void> {
    if (this.#isClosed) return;
    if (this.isAlwaysJoining) this.#left = this.#joined;
    try {
      const receiver = this.firstReceiver + (this.#joins++ % 2);
      const { connection } = await this.client.open(receiver, this.address, this.room);
      // Only now has the server surely read the last message of the old one, which a reset could discard.
      this.#left?.close();
      this.#left = undefined;
      this.#joined = connection;
      if (this.#isClosed) connection.close();
      else this.#announceOver(connection, announce);
    } catch (error) {
      if (!this.#isClosed) this.tally.countError(connectErrorClass(error));
    }
  }

  #leave(announce: Announce): void {
    if (this.#isClosed) return;
    this.#left = this.#joined;
    this.#joined = undefined;
    if (this.#left) this.#announceOver(this.#left, announce);
    else this.tally.countError('presence:not-joined');
  }

  #announceOver(connection: Connection, announce: Announce): void {
    if (!announce(connection)) this.tally.countError('presence:not-sent');
  }

  flush(): void {}
  pauseReading(): void {}
  resumeReading(): void {}

  close(): void {
    this.#isClosed = true;
    this.#joined?.close();
    this.#left?.close();
  }
}
