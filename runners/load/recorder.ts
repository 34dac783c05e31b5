/** Receiving half of a worker: checks every message that arrives, tracks its delivery and records its latency. */

import type { Inbox } from '../../core/client.js';
import { hasGuests, isPushed, isShared } from '../../core/kind.js';
import { DeliveryTracker } from '../../core/measure/delivery-tracker.js';
import type { Tally } from '../../core/measure/tally.js';
import { Header, readHeader } from '../../core/payload/message.js';
import { deliveriesOf, type MessagePool } from '../../core/payload/message-pool.js';
import type { Window } from '../../core/schedule.js';
import {
  connectionNumber,
  exceptsSender,
  firstSlowReceiver,
  owesUnknown,
  roomOf,
  roomsOf,
  type Seat,
  senderAheadUs,
} from '../../core/share.js';
import type { Disconnections } from './episode.js';
import type { FirstMessages } from './opener.js';
import type { Sender } from './sender.js';
import type { LoadTimer } from './spin-timer.js';

/** Called in a closed loop when a message of the sender at `position`, sent at `sentUs` (whole us), came back. */
export type Completed = (position: number, receivedUs: number, sentUs: number) => void;

/** Of what was not recognised, for the user to look at. */
const mostShownBytes = 200;
/** What a user's own server repeats of the time before the load, a history for example. */
const earlierMessages = 'messages from before this trial';
/** Of the connections that a trial holds open, as they join. */
const otherNotices = 'notices of others than guests';

export class Recorder implements Inbox {
  readonly tracker: DeliveryTracker;
  /** Connections that were lost without having been closed by us, nor by an outage. */
  connectionsLost = 0;
  readonly #pool: MessagePool;
  readonly #header = new Header();
  /** Several receivers are owed each message. */
  readonly #shared: boolean;
  readonly #scheduled: boolean;
  readonly #senders: number;
  readonly #rooms: number;
  readonly #exceptsSender: boolean;
  readonly #hasGuests: boolean;
  readonly #isOwnServer: boolean;
  readonly #roomOfReceiver: Int32Array;
  readonly #firstSlow: number;
  /** Undefined where all senders are on this host. */
  readonly #clocks: Seat | undefined;
  readonly #ackTimeoutUs: number;
  /** By receiver: the sender that shares its connection, as index in the trial and as position in this worker. */
  readonly #ownIndex: Int32Array;
  readonly #ownPosition: Int32Array;
  /** By receiver: what a user's own server has sent it unasked, and when the last of it came. */
  readonly #pushes: Uint32Array;
  readonly #lastPushUs: Float64Array;
  #bySender: readonly Sender[] = [];
  #completed: Completed | undefined;
  #measureFromUs = Number.POSITIVE_INFINITY;
  #measureToUs = Number.POSITIVE_INFINITY;
  #open = true;
  /** Measured deliveries of the read that is being handled. */
  #deliveredInRead = 0;

  /**
   * @param firstMessages where the opening of a connection ends with its first message.
   * @param disconnections where connections are lost on purpose and opened again.
   * @param notBeforeUs no message of this trial was due before.
   */
  constructor(
    seat: Seat,
    private readonly timer: LoadTimer,
    private readonly tally: Tally,
    private readonly firstMessages?: FirstMessages,
    private readonly disconnections?: Disconnections,
    private readonly notBeforeUs = 0,
  ) {
    const { connections, workload, clocks } = seat;
    this.#clocks = clocks && isShared(workload.kind) ? seat : undefined;
    const { kind, load, publishers, ackTimeoutMs } = workload;
    this.#shared = isShared(kind);
    // A closed loop has no schedule to be late against: its response time would only repeat its service time.
    this.#scheduled = load.model !== 'closed';
    this.#senders = isPushed(kind) ? 1 : publishers;
    this.#exceptsSender = exceptsSender(workload);
    this.#hasGuests = hasGuests(kind);
    this.#isOwnServer = workload.exchange !== undefined;
    // Where nobody knows who is owed what, a message may come to any room.
    this.#rooms = owesUnknown(workload) ? 1 : roomsOf(workload);
    this.tracker = new DeliveryTracker(connections, this.#shared ? Math.ceil(this.#senders / this.#rooms) : 1);
    this.#pool = deliveriesOf(workload);
    this.#ackTimeoutUs = (ackTimeoutMs ?? Number.POSITIVE_INFINITY) * 1000;
    this.#firstSlow = firstSlowReceiver(seat);
    this.#roomOfReceiver = Int32Array.from({ length: connections }, (_, i) =>
      roomOf(connectionNumber(seat, i), this.#rooms),
    );
    this.#ownIndex = new Int32Array(connections).fill(-1);
    this.#ownPosition = new Int32Array(connections).fill(-1);
    const ownPushes = isPushed(kind) && this.#isOwnServer ? connections : 0;
    this.#pushes = new Uint32Array(ownPushes);
    this.#lastPushUs = new Float64Array(ownPushes);
  }

  /** @param completed in a closed loop only. */
  start(senders: readonly Sender[], completed?: Completed): void {
    this.#bySender = senders;
    for (const [position, sender] of senders.entries()) {
      this.enroll(sender);
      this.#ownPosition[sender.receiver] = position;
    }
    this.#completed = completed;
  }

  /** From now on what `sender` sends is its connection's own. */
  enroll({ receiver, index }: Sender): void {
    this.#ownIndex[receiver] = index;
  }

  /** From now on `deliveredInWindow` counts the arrivals in the measured part of this window. */
  measure(window: Window): void {
    this.#measureFromUs = window.measureFromUs;
    this.#measureToUs = window.measureToUs;
  }

  /** From now on nothing counts: what comes later was not received in time. */
  stop(): void {
    this.#open = false;
    for (const lastUs of this.#lastPushUs)
      if (lastUs > 0 && lastUs < this.#measureToUs) this.tally.pushSilence.record(this.#measureToUs - lastUs);
  }

  message(receiver: number, bytes: Uint8Array, start: number, end: number, receivedUs: number): boolean {
    if (!this.#open) return true;
    this.timer.touch(receivedUs);
    const header = this.#header;
    if (
      end - start !== this.#pool.sizeBytes ||
      !readHeader(bytes, start, header) ||
      !this.#pool.isIntact(bytes, start, header)
    ) {
      this.tally.corrupted++;
      if (this.#isOwnServer) this.#show(bytes, start, end);
      return false;
    }
    const isAway = this.#clocks !== undefined && toOwnClock(header, this.#clocks);
    if (header.dueUs < this.notBeforeUs) {
      this.tally.others.count(earlierMessages);
      return true;
    }
    const own = header.sender === this.#ownIndex[receiver];
    if (!this.#isAddressedTo(receiver, header.sender)) return true;
    if (receivedUs - header.sentUs > this.#ackTimeoutUs) {
      this.tally.countError('ack-timeout');
      return true;
    }
    const sender = this.#shared ? Math.floor(header.sender / this.#rooms) : 0;
    const arrival = this.tracker.enter(receiver, sender, header.sequence);
    if (arrival === 'duplicate') {
      this.tally.duplicated++;
      return true;
    }
    if (arrival === 'reordered') this.tally.reordered++;
    if (this.disconnections?.missed(receiver, header.sentUs)) this.tally.recovered++;
    if (receiver < this.#firstSlow) this.#record(header, receivedUs, isAway);
    else this.tally.slowDelivered++;
    this.firstMessages?.arrived(receiver, receivedUs);
    if (own && this.#completed) this.#completed(this.#ownPosition[receiver] ?? -1, receivedUs, header.sentUs);
    return true;
  }

  endOfRead(receiver: number): void {
    const { polls } = this.timer;
    polls.endOfRead();
    if (this.#deliveredInRead > 0) {
      if (polls.isKnown) {
        this.tally.waitAtLeast.record(polls.atLeastUs, this.#deliveredInRead);
        this.tally.waitAtMost.record(polls.atMostUs, this.#deliveredInRead);
      }
      this.#deliveredInRead = 0;
    }
    if (this.#completed === undefined) return;
    const position = this.#ownPosition[receiver] ?? -1;
    if (position >= 0) this.#bySender[position]?.connection.flush();
  }

  error(_receiver: number, errorClass: string): void {
    if (this.#open) this.tally.countError(errorClass);
  }

  other(_receiver: number, name: string): void {
    if (this.#open) this.tally.others.count(name);
  }

  /** Numbered in the order of arrival: nothing is known of what did not come. */
  pushed(receiver: number, receivedUs: number, sentUs: number | undefined): void {
    if (!this.#open) return;
    const { tally } = this;
    this.timer.touch(receivedUs);
    this.tracker.enter(receiver, 0, this.#pushes[receiver] ?? 0);
    this.#pushes[receiver] = (this.#pushes[receiver] ?? 0) + 1;
    const lastUs = this.#lastPushUs[receiver] ?? 0;
    this.#lastPushUs[receiver] = receivedUs;
    if (receivedUs < this.#measureFromUs || receivedUs >= this.#measureToUs) return;
    tally.deliveredInWindow++;
    tally.measuredDelivered++;
    if (lastUs > 0) tally.pushGap.record(receivedUs - lastUs);
    // The server's stamps are of the wall clock of its host, and compare with that of no other.
    if (sentUs === undefined || typeof this.#clocks?.clocks?.serverAheadUs === 'number') {
      tally.untimed++;
      return;
    }
    this.#deliveredInRead++;
    tally.service.record(Math.max(0, receivedUs - sentUs));
  }

  unrecognised(_receiver: number, bytes: Uint8Array, start: number, end: number): void {
    if (!this.#open) return;
    if (this.#hasGuests) {
      this.tally.others.count(otherNotices);
      return;
    }
    this.tally.unrecognised++;
    this.#show(bytes, start, end);
  }

  /** Keeps the first message that a user's own server has not sent back as it was. */
  #show(bytes: Uint8Array, start: number, end: number): void {
    const shown = bytes.subarray(start, Math.min(end, start + mostShownBytes));
    this.tally.firstUnrecognised ||= Buffer.from(shown).toString();
  }

  closed(receiver: number, code: number): void {
    if (!this.#open || this.firstMessages?.closed(receiver)) return;
    if (this.disconnections !== undefined) {
      this.disconnections.lost(receiver);
      return;
    }
    this.connectionsLost++;
    this.tally.countError(`closed:${code}`);
  }

  /** Counts what is not. */
  #isAddressedTo(receiver: number, sender: number): boolean {
    const own = sender === this.#ownIndex[receiver];
    if (this.#shared ? sender >= this.#senders || (own && this.#exceptsSender) : !own) {
      this.tally.countError('misdelivered');
      return false;
    }
    if (this.#rooms === 1 || sender % this.#rooms === this.#roomOfReceiver[receiver]) return true;
    this.tally.misrouted++;
    return false;
  }

  #record(header: Header, receivedUs: number, isAway: boolean): void {
    const tally = this.tally;
    if (receivedUs >= this.#measureFromUs && receivedUs < this.#measureToUs) tally.deliveredInWindow++;
    if (!header.measured) return;
    tally.measuredDelivered++;
    const serviceUs = receivedUs - header.sentUs;
    const responseUs = this.#scheduled ? receivedUs - header.dueUs : serviceUs;
    if (isAway) {
      // Two clocks that agree only so far: a message may seem to have come before it was sent.
      tally.acrossHosts.record(Math.max(0, responseUs));
    } else {
      this.#deliveredInRead++;
      tally.service.record(serviceUs);
      if (this.#scheduled) tally.response.record(responseUs);
    }
    if (!this.#shared) return;
    const { atLeastUs, atMostUs } = this.timer.polls;
    tally.last.record(header.sender, header.sequence, Math.max(0, responseUs), atLeastUs, atMostUs);
  }
}

/** Has the times of a header on this worker's clock. @returns whether its sender is on another host. */
function toOwnClock(header: Header, seat: Seat): boolean {
  const aheadUs = senderAheadUs(seat, header.sender);
  if (aheadUs === null) return false;
  header.dueUs -= aheadUs;
  header.sentUs -= aheadUs;
  return true;
}
