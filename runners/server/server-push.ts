/** Sends the messages of kind push, in the server's process, each when it is due. */

import { Tally } from '../../core/measure/tally.js';
import { maxSequence } from '../../core/payload/message.js';
import { MessagePool, type Payload } from '../../core/payload/message-pool.js';
import { type Clock, type Schedule, scheduleOf } from '../../core/schedule.js';
import type { Running } from '../../core/target.js';

/** What a server is to send, and when. Plain JSON; times in us on the host's monotonic clock. */
export interface PushPlan extends Payload {
  readonly ratePerSecond: number;
  readonly arrivals: 'constant' | 'poisson';
  readonly seed: number;
  /** Where the schedule begins; a server that was started again is given a plan that began in the past. */
  readonly startUs: number;
  readonly measureFromUs: number;
  /** Nothing is due from here on. */
  readonly measureToUs: number;
  /** What is due before was sent by an earlier server; undefined: there was none. */
  readonly fromUs?: number | undefined;
  /** What has not left by now is dropped, so that a server that cannot keep up comes to an end. Undefined: never. */
  readonly drainToUs?: number | undefined;
}

type Push = NonNullable<Running['push']>;

/** Calls `fn` once, in about `ms`; it may be too early by less than a millisecond. */
type Timer = (ms: number, fn: () => void) => void;

/** A schedule that is taken up late by more than this leaves out what it missed, rather than sending it in one burst. */
const mostOverdueUs = 1_000_000;

/** The sender's number: the server is the only one. */
const sender = 0;

/** No spinning: an idiomatic server sleeps until its timer fires. Node counts whole ms, so a fraction is rounded up. */
const nodeTimer: Timer = (ms, fn) => void (ms > 0 ? setTimeout(fn, Math.ceil(ms)) : setImmediate(fn));

export class ServerPush {
  readonly #schedule: Schedule;
  readonly #pool: MessagePool;
  readonly #tally = new Tally();
  /** Place in the schedule, and sequence number, of the next message. */
  #next = 0;

  constructor(
    private readonly push: Push,
    private readonly plan: PushPlan,
    private readonly clock: Clock,
    private readonly timer: Timer = nodeTimer,
  ) {
    this.#schedule = scheduleOf(plan, { first: sender, stride: 1, count: 1, total: 1 }, plan.seed);
    this.#pool = new MessagePool(plan);
  }

  /**
   * Sends each message at the first turn of the event loop at which it is due, several one after the other. Resolves at
   * the end of the measured window, later when messages are late. Call once.
   *
   * A message that is left out, or at which the library throws (class `push-failed`), is scheduled and dropped; it keeps
   * its sequence number, so that receivers see a gap.
   */
  run(): Promise<Tally> {
    const { fromUs = 0 } = this.plan;
    while (this.#dueUs() < fromUs) this.#next++;
    this.#leaveOut(this.clock.nowUs() - mostOverdueUs);
    return new Promise((done) => this.#turn(() => done(this.#tally)));
  }

  /** When the next message is due; infinite when there is none before the end. */
  #dueUs(): number {
    const dueUs = this.plan.startUs + this.#schedule.dueUs(this.#next);
    return dueUs < this.plan.measureToUs ? dueUs : Number.POSITIVE_INFINITY;
  }

  #leaveOut(beforeUs: number): void {
    for (let dueUs = this.#dueUs(); dueUs < beforeUs; dueUs = this.#dueUs()) {
      this.#enter(dueUs);
      this.#tally.dropped++;
      this.#next++;
    }
  }

  #turn(done: () => void): void {
    const turnUs = this.clock.nowUs();
    for (let dueUs = this.#dueUs(); dueUs <= turnUs; dueUs = this.#dueUs()) {
      this.#send(dueUs);
      this.#next++;
    }
    const untilUs = Math.min(this.#dueUs(), this.plan.measureToUs);
    if (untilUs === this.plan.measureToUs && turnUs >= untilUs) done();
    else this.timer(Math.max(0, untilUs - this.clock.nowUs()) / 1000, () => this.#turn(done));
  }

  /** @returns whether the message is of the measured window. */
  #enter(dueUs: number): boolean {
    const measured = dueUs >= this.plan.measureFromUs;
    this.#tally.scheduled++;
    if (measured) this.#tally.measuredScheduled++;
    return measured;
  }

  #send(dueUs: number): void {
    const { type, measureToUs, drainToUs = Number.POSITIVE_INFINITY } = this.plan;
    const tally = this.#tally;
    const measured = this.#enter(dueUs);
    const sentUs = this.clock.nowUs();
    if (sentUs >= drainToUs || this.#next > maxSequence) {
      tally.dropped++;
      return;
    }
    const message = this.#pool.write(sender, this.#next, dueUs, sentUs, measured);
    try {
      this.push(message, type);
    } catch {
      tally.dropped++;
      tally.countError('push-failed');
      return;
    }
    tally.sent++;
    if (!measured) return;
    tally.measuredSent++;
    if (sentUs < measureToUs) tally.sentInWindow++;
    tally.sendLag.record(sentUs - dueUs);
  }
}
