/**
 * Records when each message reached the last of its receivers. A worker sees only its own receivers, so it keeps for each
 * message how many have it and how long the slowest took; merging adds the first and takes the larger of the second.
 */

import { Histogram } from './histogram.js';

/** A message of a sender that has numbers up to this would need more memory than is worth it; later ones are left out. */
const mostMessages = 4_000_000;
const firstLength = 1_024;

class SenderArrivals {
  #receivers = new Uint32Array(firstLength);
  #slowestUs = new Float64Array(firstLength);

  /** So many more receivers have message `n`, the slowest of them after `tookUs`. */
  add(n: number, receivers: number, tookUs: number): void {
    if (n >= this.#receivers.length) this.#makeRoomFor(n);
    this.#receivers[n] = (this.#receivers[n] ?? 0) + receivers;
    if (tookUs > (this.#slowestUs[n] ?? 0)) this.#slowestUs[n] = tookUs;
  }

  /** Of each message that somebody has: its number, its receivers, and us that the slowest took. */
  *messages(): Generator<[n: number, receivers: number, slowestUs: number]> {
    for (const [n, receivers] of this.#receivers.entries())
      if (receivers > 0) yield [n, receivers, this.#slowestUs[n] ?? 0];
  }

  #makeRoomFor(n: number): void {
    const length = Math.min(mostMessages, Math.max(n + 1, 2 * this.#receivers.length));
    const receivers = new Uint32Array(length);
    const slowestUs = new Float64Array(length);
    receivers.set(this.#receivers);
    slowestUs.set(this.#slowestUs);
    this.#receivers = receivers;
    this.#slowestUs = slowestUs;
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
    this.#last.add(sequence, 1, tookUs);
  }

  add(other: LastArrivals): void {
    for (const [sender, theirs] of other.#senders) {
      const mine = this.#of(sender);
      for (const message of theirs.messages()) mine.add(...message);
    }
  }

  /**
   * Time to the last receiver, of the messages that reached all of theirs.
   * @param owedTo how many receivers a message of this sender is owed to.
   * @returns with the number of messages that reached somebody, but not everybody.
   */
  summarise(owedTo: (sender: number) => number): { readonly histogram: Histogram; readonly incomplete: number } {
    const histogram = new Histogram();
    let incomplete = 0;
    for (const [sender, arrivals] of this.#senders) {
      const owed = owedTo(sender);
      for (const [, receivers, slowestUs] of arrivals.messages())
        if (receivers >= owed) histogram.record(slowestUs);
        else incomplete++;
    }
    return { histogram, incomplete };
  }

  encode(): EncodedLastArrivals {
    return [...this.#senders].map(([sender, arrivals]) => {
      const triples: number[] = [];
      for (const [n, receivers, slowestUs] of arrivals.messages()) triples.push(n, receivers, Math.round(slowestUs));
      return [sender, triples];
    });
  }

  static decode(encoded: EncodedLastArrivals): LastArrivals {
    const arrivals = new LastArrivals();
    for (const [sender, triples] of encoded) {
      const decoded = arrivals.#of(sender);
      for (let i = 0; i < triples.length; i += 3) {
        const [n = 0, receivers = 0, slowestUs = 0] = triples.slice(i, i + 3);
        decoded.add(n, receivers, slowestUs);
      }
    }
    return arrivals;
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
