/**
 * Owns when each message reached the last of its receivers. A worker sees only its own receivers, so it keeps for each
 * message how many have it and how long the slowest took; merging adds the first and takes the larger of the second.
 */

import { Histogram } from './histogram.js';

/** A message of a sender that has numbers up to this would need more memory than is worth it; later ones are left out. */
const mostMessages = 4_000_000;
const firstLength = 1_024;

class SenderArrivals {
  receivers = new Uint32Array(firstLength);
  slowestUs = new Float64Array(firstLength);

  /** Makes room for message `n`. */
  reach(n: number): void {
    if (n < this.receivers.length) return;
    const length = Math.min(mostMessages, Math.max(n + 1, 2 * this.receivers.length));
    const receivers = new Uint32Array(length);
    const slowestUs = new Float64Array(length);
    receivers.set(this.receivers);
    slowestUs.set(this.slowestUs);
    this.receivers = receivers;
    this.slowestUs = slowestUs;
  }
}

/** By sender: message number, receivers, us that the slowest took, three numbers after another. Plain JSON. */
export type EncodedLastArrivals = readonly (readonly [sender: number, triples: readonly number[]])[];

export class LastArrivals {
  readonly #senders = new Map<number, SenderArrivals>();
  /** Of the sender whose message arrived last: the next is likely to be of the same. */
  #lastSender = -1;
  #last = new SenderArrivals();

  /** One arrival of a message that is measured. @param tookUs since it was due, or sent where nothing is due. */
  record(sender: number, sequence: number, tookUs: number): void {
    if (sequence >= mostMessages) return;
    if (sender !== this.#lastSender) {
      this.#last = this.#of(sender);
      this.#lastSender = sender;
    }
    const arrivals = this.#last;
    arrivals.reach(sequence);
    arrivals.receivers[sequence]!++;
    if (tookUs > arrivals.slowestUs[sequence]!) arrivals.slowestUs[sequence] = tookUs;
  }

  add(other: LastArrivals): void {
    for (const [sender, theirs] of other.#senders)
      for (let n = 0; n < theirs.receivers.length; n++)
        if (theirs.receivers[n]! > 0) this.#merge(sender, n, theirs.receivers[n]!, theirs.slowestUs[n]!);
  }

  /**
   * Time to the last receiver, of the messages that reached all of theirs.
   * @param owedTo how many receivers a message of this sender is owed to.
   * @returns with the number of messages that reached somebody, but not everybody.
   */
  summarise(owedTo: (sender: number) => number): { readonly histogram: Histogram; readonly incomplete: number } {
    const histogram = new Histogram();
    let incomplete = 0;
    for (const [sender, { receivers, slowestUs }] of this.#senders) {
      const owed = owedTo(sender);
      for (let n = 0; n < receivers.length; n++) {
        if (receivers[n]! >= owed) histogram.record(slowestUs[n]!);
        else if (receivers[n]! > 0) incomplete++;
      }
    }
    return { histogram, incomplete };
  }

  encode(): EncodedLastArrivals {
    return [...this.#senders].map(([sender, { receivers, slowestUs }]) => {
      const triples: number[] = [];
      for (let n = 0; n < receivers.length; n++)
        if (receivers[n]! > 0) triples.push(n, receivers[n]!, Math.round(slowestUs[n]!));
      return [sender, triples];
    });
  }

  static decode(encoded: EncodedLastArrivals): LastArrivals {
    const arrivals = new LastArrivals();
    for (const [sender, triples] of encoded)
      for (let i = 0; i < triples.length; i += 3)
        arrivals.#merge(sender, triples[i]!, triples[i + 1]!, triples[i + 2]!);
    return arrivals;
  }

  #merge(sender: number, sequence: number, receivers: number, slowestUs: number): void {
    const mine = this.#of(sender);
    mine.reach(sequence);
    mine.receivers[sequence]! += receivers;
    mine.slowestUs[sequence] = Math.max(mine.slowestUs[sequence]!, slowestUs);
  }

  #of(sender: number): SenderArrivals {
    let arrivals = this.#senders.get(sender);
    if (arrivals === undefined) {
      arrivals = new SenderArrivals();
      this.#senders.set(sender, arrivals);
    }
    return arrivals;
  }
}
