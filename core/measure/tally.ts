/**
 * Tally: the counters and histograms of one worker, or of several added up. Adding is associative and commutative, and a
 * tally encodes itself as plain JSON, so that workers need not share memory with whoever adds.
 */

import { Histogram } from './histogram.js';
import { decodeHistogram, encodeHistogram } from './histogram-encoding.js';
import { type EncodedLastArrivals, LastArrivals } from './last-arrivals.js';
import { type EncodedRateBins, type EncodedStageCosts, RateBins, StageCosts } from './openings.js';
import type { Reason } from './reason.js';

const histograms = [
  'response',
  'service',
  'acrossHosts',
  'sendLag',
  'heldLag',
  'waitAtLeast',
  'waitAtMost',
  'reconnect',
  'pushGap',
  'pushSilence',
] as const;

/** More classes than this are counted together. */
const maxClasses = 64;
/** Longer names of classes are cut, because they become keys of a result file. */
const maxClassChars = 100;
const otherClass = 'other';

/** How often each class of something happened; bounded, so that a hostile server cannot fill the memory. */
class ClassCounts extends Map<string, number> {
  count(of: string, times = 1): void {
    const name = of.slice(0, maxClassChars);
    this.set(name, (this.get(name) ?? 0) + times);
    if (this.size > maxClasses) this.#foldLast();
  }

  add(others: Iterable<readonly [string, number]>): void {
    for (const [name, times] of others) this.count(name, times);
  }

  /** The last by name becomes `other`: which classes are kept must not depend on the order of adding. */
  #foldLast(): void {
    const names = [...this.keys()].filter((name) => name !== otherClass).sort();
    const last = names.pop();
    if (last === undefined || names.length < maxClasses) return;
    const times = this.get(last) ?? 0;
    this.delete(last);
    this.set(otherClass, (this.get(otherClass) ?? 0) + times);
  }
}

/** How often classes of errors occurred whose names begin like this; `closed:` are connections that the server ended. */
export function countClasses(errors: Readonly<Record<string, number>>, start: string): number {
  return Object.entries(errors).reduce((sum, [name, times]) => sum + (name.startsWith(start) ? times : 0), 0);
}

/** How often each class occurred in all of these together. */
export function sumClasses(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const [name, times] of all.flatMap(Object.entries<number>)) sums.set(name, (sums.get(name) ?? 0) + times);
  return Object.fromEntries(sums);
}

export interface EncodedTally extends Readonly<Record<(typeof histograms)[number], string>> {
  readonly counters: Readonly<Record<Counter, number>>;
  readonly errors: Readonly<Record<string, number>>;
  readonly others: Readonly<Record<string, number>>;
  readonly firstUnrecognised: string;
  readonly connect: Readonly<Record<string, string>>;
  readonly last: EncodedLastArrivals;
  readonly openings: EncodedRateBins;
  readonly costs: EncodedStageCosts;
  readonly clamped: readonly [response: number, service: number];
}

export class Tally {
  /** Messages that the load model called for: scheduled = sent + dropped. */
  scheduled = 0;
  sent = 0;
  dropped = 0;
  /** Deliveries owed for what was sent. */
  owed = 0;
  /** The delivery tracker's figures at the end: distinct arrivals, numbers skipped, and the sum that both make. */
  delivered = 0;
  missing = 0;
  expected = 0;
  duplicated = 0;
  reordered = 0;
  corrupted = 0;
  connected = 0;
  connectFailed = 0;
  /** TCP payload bytes of all connections, handshakes excluded. */
  bytesIn = 0;
  bytesOut = 0;
  /** Messages due in the measured window, and what became of them whenever that was. */
  measuredScheduled = 0;
  measuredSent = 0;
  measuredOwed = 0;
  measuredDelivered = 0;
  /** Of these, the ones that nobody knows the time of sending of. */
  untimed = 0;
  /** What happened within the measured window, whenever it was due. */
  sentInWindow = 0;
  deliveredInWindow = 0;
  /** Deliveries of another room's messages. */
  misrouted = 0;
  /** Deliveries owed to slow readers, and those that they took once they read again; part of `owed` and `delivered`. */
  slowOwed = 0;
  slowDelivered = 0;
  /** Connections that came and went, and what they were sent; nothing of it is owed. */
  visits = 0;
  visitDeliveries = 0;
  /** Connections that an outage cut off, those that came back, and deliveries that they had missed and were given then. */
  cutOff = 0;
  reconnected = 0;
  recovered = 0;
  /** Deliveries that connections which were never cut off did not get: what somebody had sent who then was, and all else. */
  lostInside = 0;
  lostByOthers = 0;
  /** Of a user's own server: what ought to have brought a message back and held none, and the first of these. */
  unrecognised = 0;
  firstUnrecognised = '';
  readonly errors = new ClassCounts();
  /** Of a user's own server: what else it sent, by name. */
  readonly others = new ClassCounts();
  readonly response = new Histogram();
  readonly service = new Histogram();
  /** Of deliveries whose sender is on another host: as `response`, or `service` in a closed loop, by two clocks. */
  readonly acrossHosts = new Histogram();
  readonly sendLag = new Histogram();
  /** Of these, the ones of messages that were late because the machine did not run this thread in time. */
  readonly heldLag = new Histogram();
  /** Receive wait: how long a measured delivery lay readable before it was read, at least and at most. */
  readonly waitAtLeast = new Histogram();
  readonly waitAtMost = new Histogram();
  readonly connect = new Map<string, Histogram>();
  /** From the outage to being back. */
  readonly reconnect = new Histogram();
  /** Of a user's own server: between what it sent unasked to a connection and what it sent next. */
  readonly pushGap = new Histogram();
  /** By connection: from the last of them to the end of the measured window. */
  readonly pushSilence = new Histogram();
  readonly last = new LastArrivals();
  /** When connections became ready. */
  readonly openings = new RateBins();
  readonly costs = new StageCosts();

  countError(errorClass: string, times = 1): void {
    this.errors.count(errorClass, times);
  }

  recordStage(stage: string, us: number): void {
    this.#stage(stage).record(us);
  }

  #stage(stage: string): Histogram {
    const histogram = this.connect.get(stage) ?? new Histogram();
    this.connect.set(stage, histogram);
    return histogram;
  }

  add(other: Tally): void {
    for (const counter of counters) this[counter] += other[counter];
    this.errors.add(other.errors);
    this.others.add(other.others);
    this.firstUnrecognised ||= other.firstUnrecognised;
    for (const name of histograms) this[name].add(other[name]);
    this.last.add(other.last);
    this.openings.add(other.openings.encode());
    this.costs.add(other.costs.encode());
    for (const [stage, histogram] of other.connect) this.#stage(stage).add(histogram);
  }

  /** Deliveries owed and not received. */
  get lost(): number {
    return this.missing + (this.owed - this.expected);
  }

  /** Counters that contradict each other; empty when all messages are accounted for. */
  discrepancies(): Reason[] {
    const { scheduled, sent, dropped, delivered, missing, expected, owed, measuredDelivered, untimed } = this;
    const found: Reason[] = [];
    if (scheduled !== sent + dropped) found.push({ code: 'sends-unaccounted', scheduled, sent, dropped });
    if (delivered + missing !== expected) found.push({ code: 'deliveries-unaccounted', delivered, missing, expected });
    if (expected > owed) found.push({ code: 'deliveries-never-sent', deliveries: expected - owed });
    const timed = this.service.count + this.acrossHosts.count;
    if (measuredDelivered !== timed + untimed)
      found.push({ code: 'latencies-unaccounted', delivered: measuredDelivered, latencies: timed });
    return found;
  }

  encode(): EncodedTally {
    const stages = [...this.connect].map(([stage, histogram]) => [stage, encodeHistogram(histogram)]);
    const encoded = histograms.map((name) => [name, encodeHistogram(this[name])]);
    return {
      counters: Object.fromEntries(counters.map((counter) => [counter, this[counter]])) as Record<Counter, number>,
      errors: Object.fromEntries(this.errors),
      others: Object.fromEntries(this.others),
      firstUnrecognised: this.firstUnrecognised,
      ...(Object.fromEntries(encoded) as Record<(typeof histograms)[number], string>),
      connect: Object.fromEntries(stages),
      last: this.last.encode(),
      openings: this.openings.encode(),
      costs: this.costs.encode(),
      clamped: [this.response.clamped, this.service.clamped],
    };
  }

  static decode(encoded: EncodedTally): Tally {
    const tally = new Tally();
    for (const counter of counters) tally[counter] = encoded.counters[counter];
    tally.errors.add(Object.entries(encoded.errors));
    tally.others.add(Object.entries(encoded.others));
    tally.firstUnrecognised = encoded.firstUnrecognised;
    for (const name of histograms) tally[name].add(decodeHistogram(encoded[name]));
    tally.last.add(LastArrivals.decode(encoded.last));
    tally.openings.add(encoded.openings);
    tally.costs.add(encoded.costs);
    for (const [stage, histogram] of Object.entries(encoded.connect))
      tally.connect.set(stage, decodeHistogram(histogram));
    [tally.response.clamped, tally.service.clamped] = encoded.clamped;
    return tally;
  }
}

/** The names of all fields that are numbers. */
type Counter = {
  [Name in keyof Tally]: Tally[Name] extends number ? Name : never;
}[Exclude<keyof Tally, 'lost'>];
const counters = Object.entries(new Tally()).flatMap(([name, value]) =>
  typeof value === 'number' ? [name as Counter] : [],
);
