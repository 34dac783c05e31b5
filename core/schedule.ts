/**
 * Times: the clock, the phases of a trial on it, and when the n-th message of a worker is due, in us after the start. A
 * schedule has no clock: a message that leaves late is still counted from when it was due (G. Tene, "How not to measure
 * latency": coordinated omission).
 */

import { exponential, seededRandom } from './random.js';

export interface Clock {
  /**
   * Microseconds on the monotonic clock of this host (CLOCK_MONOTONIC on Linux): the same in every thread and
   * process of the host, meaningless on another.
   */
  nowUs(): number;
}

/** The phases of a trial, or of one turn in it, on the clock of this host. */
export interface Window {
  readonly startUs: number;
  readonly measureFromUs: number;
  readonly measureToUs: number;
  /** What is not sent and not answered by now is given up. */
  readonly drainToUs: number;
}

/**
 * The generator's own figures are taken so long before each border of a window: messages of an even schedule are due at
 * the borders, and would leave late. Reading them takes the main thread 2 to 10 ms of the core that it shares with the
 * workers, and timers of Node.js may be late by several more.
 */
export const metersAheadUs = 20_000;

/** The delay of a timer that is due at `us`: 0 where that is over, because Node 24 warns of negative ones. */
export function msUntil(us: number, clock: Clock): number {
  return Math.max(0, us - clock.nowUs()) / 1000;
}

/** Before a load has begun: nothing is measured, and nothing is late. */
export const notYet: Window = {
  startUs: 0,
  measureFromUs: Number.POSITIVE_INFINITY,
  measureToUs: Number.POSITIVE_INFINITY,
  drainToUs: Number.POSITIVE_INFINITY,
};

/** How long each phase lasts. */
type Phases = Readonly<Record<'warmupMs' | 'measureMs' | 'drainMs', number>>;

export function windowFrom(startUs: number, { warmupMs, measureMs, drainMs }: Phases): Window {
  const measureFromUs = startUs + warmupMs * 1000;
  const measureToUs = measureFromUs + measureMs * 1000;
  return { startUs, measureFromUs, measureToUs, drainToUs: measureToUs + drainMs * 1000 };
}

export interface Schedule {
  /**
   * Due time of message `n`, us after the start, never decreasing. Ask in rising order; looking back is possible for
   * the last `lookBack` numbers, which is all that a loop needs to join messages of one connection.
   */
  dueUs(n: number): number;
}

export const lookBack = 65_536;

/** Which senders of a trial a schedule is for: number `first`, `first + stride`, …, `count` of all `total`. */
export interface SenderSlice {
  readonly first: number;
  readonly stride: number;
  readonly count: number;
  readonly total: number;
}

/**
 * Constant arrivals. Message g of the whole trial is due at g / rate and belongs to sender g mod `total`, so slices of
 * several workers interleave into one even schedule and no remainder of the rate is lost.
 */
export function constantSchedule(ratePerSecond: number, senders: SenderSlice): Schedule {
  const { first, stride, count, total } = senders;
  return {
    dueUs(n) {
      const round = Math.floor(n / count);
      const global = round * total + first + (n - round * count) * stride;
      return (global * 1e6) / ratePerSecond;
    },
  };
}

/** Poisson arrivals: independent exponential gaps; the slice's share of the rate is count / total of it, exactly. */
export function poissonSchedule(ratePerSecond: number, senders: SenderSlice, seed: number): Schedule {
  const random = seededRandom(seed);
  const meanGapUs = (1e6 * senders.total) / (ratePerSecond * senders.count);
  const ring = new Float64Array(lookBack);
  let made = 0;
  let lastUs = 0;
  return {
    dueUs(n) {
      while (made <= n) {
        lastUs += exponential(random) * meanGapUs;
        ring[made++ % lookBack] = lastUs;
      }
      return ring[n % lookBack] ?? lastUs;
    },
  };
}

/** The arrivals that an open load asks for. */
export function scheduleOf(
  { ratePerSecond, arrivals }: { readonly ratePerSecond: number; readonly arrivals: 'constant' | 'poisson' },
  senders: SenderSlice,
  seed: number,
): Schedule {
  return arrivals === 'constant'
    ? constantSchedule(ratePerSecond, senders)
    : poissonSchedule(ratePerSecond, senders, seed);
}
