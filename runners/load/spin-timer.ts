/**
 * Spin timer: sleeps while nothing is due soon, spins on the event loop while something is due or has just happened.
 *
 * A timer of Node fires to a millisecond late and a sleeping thread takes the kernel tens of us to wake, which would be
 * measured as the server's latency. Spinning burns the runner's core instead; the time spun without finding work is
 * kept apart, so that a runner's utilisation can be stated without it.
 */

import { performance } from 'node:perf_hooks';
import type { Load } from '../../core/scenario.js';
import type { Clock } from '../../core/schedule.js';
import { Polls } from './polls.js';

export interface LoadTimer {
  /** Calls `tick` once, as soon as the clock reaches `dueUs` and never before; replaces any earlier request. */
  at(dueUs: number, tick: () => void): void;
  /** Says that a message was handled at `nowUs`: what follows it is likely to come soon. */
  touch(nowUs: number): void;
  /**
   * To be called in `tick`: for how long the machine kept this thread, which had nothing to do, from running in time.
   * 0 where it has handled a message since it last slept.
   */
  heldUs(): number;
  readonly polls: Polls;
}

/** Due sooner than this: spin. Covers the lateness of a timer, with a millisecond to spare. */
const nearUs = 2_000;
/** After the last message, spin for so long before sleeping again. */
const lingerUs = 2_000;

/** Each poll that is looked at costs about 1 us; without pause, that was 4 % of a closed loop with 50 in flight. */
const lookEveryUs = 1_000;
/** One that is measured, after two whose ends must be known for it; the first may have begun unseen. */
const pollsOfSample = 3;

/** Of the thread that has loaded this file. */
const { nodeTiming } = performance;
const idleUs = (): number => nodeTiming.idleTime * 1000;
/** A timer of Node fires when its time is over in whole milliseconds. */
const timerStepUs = 1_000;

/** Of a thread that has had nothing to do since it went to sleep. */
interface Sleep {
  /** For how long it had waited for a core when it went to sleep. */
  readonly waitedUs: number;
  /** It went on sleeping for so long when it should have been woken. */
  overUs: number;
}

export class SpinTimer implements LoadTimer {
  readonly #lingerUs: number;
  #dueUs = Number.POSITIVE_INFINITY;
  #tick: () => void = () => {};
  #spinning = false;
  #worked = false;
  #lastUs = 0;
  #lastWorkUs = 0;
  #timer: NodeJS.Timeout | undefined;
  #sleep: Sleep | undefined;
  /** Where it samples. */
  #pollsToSee = 0;
  #lookAgainUs = 0;
  /** Time spun without finding anything to do. */
  spunUs = 0;
  readonly polls = new Polls(idleUs);

  /**
   * @param lingers spin after each message; without, only spin while something is due. @param samples look at few of the
   * polls, where it does not linger. @param waitedUs for how long this thread has waited for a core so far.
   */
  constructor(
    private readonly clock: Clock,
    lingers = true,
    private readonly samples = false,
    private readonly waitedUs = () => 0,
  ) {
    this.polls.isKnown = !samples;
    this.#lingerUs = lingers ? lingerUs : 0;
  }

  at(dueUs: number, tick: () => void): void {
    this.#dueUs = dueUs;
    this.#tick = tick;
    if (!this.#spinning) this.#settle(this.clock.nowUs());
  }

  touch(nowUs: number): void {
    this.#worked = true;
    this.#sleep = undefined;
    this.#lastWorkUs = nowUs;
    if (this.samples && this.#pollsToSee === 0) {
      if (nowUs < this.#lookAgainUs) return;
      this.#lookAgainUs = nowUs + lookEveryUs;
      this.#pollsToSee = pollsOfSample;
    }
    if (!this.polls.read(nowUs) || this.#spinning) return;
    this.polls.woke();
    if (this.#lingerUs > 0) this.#spin(nowUs);
    else setImmediate(this.#endPoll);
  }

  heldUs(): number {
    return this.#sleep ? Math.max(this.#sleep.overUs, this.waitedUs() - this.#sleep.waitedUs) : 0;
  }

  /** Ends every wait; `tick` is not called any more. */
  stop(): void {
    this.#dueUs = Number.POSITIVE_INFINITY;
    this.#lastWorkUs = 0;
    this.#worked = false;
    clearTimeout(this.#timer);
  }

  #spin(nowUs: number): void {
    clearTimeout(this.#timer);
    this.#spinning = true;
    this.#lastUs = nowUs;
    setImmediate(this.#check);
  }

  /** Where it does not spin; what spins does it in each round. */
  readonly #endPoll = (): void => {
    if (this.#spinning || !this.polls.isReading) return;
    this.polls.ended(this.#lastWorkUs);
    if (!this.samples) return;
    this.#pollsToSee--;
    this.polls.isKnown = this.#pollsToSee === 1;
  };

  readonly #check = (): void => {
    // A round that found work tells the time itself; the clock is not read again while nothing is due soon.
    if (this.#worked && this.#lingerUs > 0 && this.#dueUs - this.#lastWorkUs > nearUs) {
      this.#worked = false;
      this.#lastUs = Number.NaN;
      this.polls.ended(this.#lastWorkUs);
      setImmediate(this.#check);
      return;
    }
    const nowUs = this.clock.nowUs();
    // The first idle round after such a one has no beginning that is known, so it counts as work.
    if (!this.#worked && nowUs > this.#lastUs) this.spunUs += nowUs - this.#lastUs;
    this.#worked = false;
    this.#lastUs = nowUs;
    this.polls.ended(nowUs);
    if (nowUs >= this.#dueUs) {
      this.#dueUs = Number.POSITIVE_INFINITY;
      this.#worked = true;
      this.#lastWorkUs = nowUs;
      this.#tick();
      this.#sleep = undefined;
    }
    if (this.#dueUs - nowUs < nearUs || nowUs - this.#lastWorkUs < this.#lingerUs) setImmediate(this.#check);
    else {
      this.#spinning = false;
      this.polls.maySleep();
      this.#settle(nowUs);
    }
  };

  /** Decides between sleeping and spinning while not spinning. */
  #settle(nowUs: number): void {
    clearTimeout(this.#timer);
    const waitUs = this.#dueUs - nowUs;
    if (waitUs < nearUs) this.#spin(nowUs);
    else if (Number.isFinite(waitUs)) this.#sleepFor(Math.min((waitUs - nearUs) / 1000, 2 ** 30));
  }

  #sleepFor(ms: number): void {
    this.#sleep ??= { waitedUs: this.waitedUs(), overUs: 0 };
    const sleep = this.#sleep;
    const idleBeforeUs = idleUs();
    this.#timer = setTimeout(() => {
      sleep.overUs = Math.max(0, idleUs() - idleBeforeUs - Math.max(timerStepUs, 1000 * ms) - timerStepUs);
      this.#settle(this.clock.nowUs());
    }, ms);
  }
}

/**
 * A closed loop with so many messages in flight has the next one waiting more often than not. Sleeping for the rest
 * lets server and client handle several at a time; polling the sockets without pause costs both of them calls.
 */
const manyInFlight = 8;

/** Whether a worker sleeps between messages, or spins. */
export function sleepsBetweenMessages(load: Load, senders: number): boolean {
  return load.model === 'closed' && load.inflight * senders >= manyInFlight;
}

interface Slot {
  dueUs: number;
  tick: () => void;
}

const never = Number.POSITIVE_INFINITY;

/** Shares one timer among several that wait for different times: each has a slot, which is a timer of its own. */
export class SpinTimerSlots {
  readonly #slots: Slot[] = [];
  #ticking = false;

  constructor(
    private readonly clock: Clock,
    private readonly timer: LoadTimer,
  ) {}

  slot(): LoadTimer {
    const slot: Slot = { dueUs: never, tick: () => {} };
    this.#slots.push(slot);
    return {
      at: (dueUs, tick) => {
        slot.dueUs = dueUs;
        slot.tick = tick;
        if (!this.#ticking) this.#await();
      },
      touch: (nowUs) => this.timer.touch(nowUs),
      heldUs: () => this.timer.heldUs(),
      polls: this.timer.polls,
    };
  }

  #await(): void {
    let soonestUs = never;
    for (const { dueUs } of this.#slots) if (dueUs < soonestUs) soonestUs = dueUs;
    this.timer.at(soonestUs, this.#tick);
  }

  /** What a slot asks for meanwhile is awaited afterwards, even if it is due already: sockets are read in between. */
  readonly #tick = (): void => {
    const nowUs = this.clock.nowUs();
    this.#ticking = true;
    for (const slot of this.#slots) {
      if (slot.dueUs > nowUs) continue;
      slot.dueUs = never;
      slot.tick();
    }
    this.#ticking = false;
    this.#await();
  };
}
