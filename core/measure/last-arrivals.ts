/**
 * Records when each message reached the last of its receivers. A worker sees only its own receivers, so it keeps for each
 * message how many have it and how long the slowest took; merging adds the first and takes the larger of the second.
 */

import { Histogram } from './histogram.js';

/** A message of a sender that has numbers up to this would need more memory than is worth it; later ones are left out. */
const mostMessages = 4_000_000;
const firstLength = 1_024;

/** Of a message: its number, its receivers, us that the slowest took, and how long that one lay readable before. */
type Message = [n: number, receivers: number, slowestUs: number, waitAtLeastUs: number, waitAtMostUs: number];

class SenderArrivals {
  #receivers = new Uint32Array(firstLength);
  #slowestUs = new Float64Array(firstLength);
  #waitAtLeastUs = new Float32Array(firstLength);
  #waitAtMostUs = new Float32Array(firstLength);

  /** So many more receivers have message `n`, the slowest of them after `tookUs`. */
  add(n: number, receivers: number, tookUs: number, waitAtLeastUs: number, waitAtMostUs: number): void {
    if (n >= this.#receivers.length) this.#makeRoomFor(n);
    this.#receivers[n] = (this.#receivers[n] ?? 0) + receivers;
    if (tookUs <= (this.#slowestUs[n] ?? 0)) return;
    this.#slowestUs[n] = tookUs;
    this.#waitAtLeastUs[n] = waitAtLeastUs;
    this.#waitAtMostUs[n] = waitAtMostUs;
  }

  /** Of each message that somebody has. */
  *messages(): Generator<Message> {
    for (const [n, receivers] of this.#receivers.entries())
      if (receivers > 0)
        yield [n, receivers, this.#slowestUs[n] ?? 0, this.#waitAtLeastUs[n] ?? 0, this.#waitAtMostUs[n] ?? 0];
  }

  #makeRoomFor(n: number): void {
    const length = Math.min(mostMessages, Math.max(n + 1, 2 * this.#receivers.length));
    this.#receivers = longer(new Uint32Array(length), this.#receivers);
    this.#slowestUs = longer(new Float64Array(length), this.#slowestUs);
    this.#waitAtLeastUs = longer(new Float32Array(length), this.#waitAtLeastUs);
    this.#waitAtMostUs = longer(new Float32Array(length), this.#waitAtMostUs);
  }
}

function longer<T extends { set(from: ArrayLike<number>): void }>(empty: T, from: ArrayLike<number>): T {
  empty.set(from);
  return empty;
}

/** By sender: what is known of its messages, five numbers each after another. Plain JSON. */
export type EncodedLastArrivals = readonly (readonly [sender: number, numbers: readonly number[]])[];
const numbersEach = 5;

export interface LastSummary {
  readonly histogram: Histogram;
  readonly waitAtLeast: Histogram;
  readonly waitAtMost: Histogram;
  readonly incomplete: number;
}

export class LastArrivals {
  readonly #senders = new Map<number, SenderArrivals>();
  /** Of the sender whose message arrived last: the next is likely to be of the same. */
  #lastSender = -1;
  #last = new SenderArrivals();

  /**
   * One arrival of a message that is measured.
   * @param tookUs since it was due, or sent where nothing is due. @param waitAtLeastUs how long it lay readable.
   */
  record(sender: number, sequence: number, tookUs: number, waitAtLeastUs: number, waitAtMostUs: number): void {
    if (sequence >= mostMessages) return;
    if (sender !== this.#lastSender) {
      this.#last = this.#of(sender);
      this.#lastSender = sender;
    }
    this.#last.add(sequence, 1, tookUs, waitAtLeastUs, waitAtMostUs);
  }

  add(other: LastArrivals): void {
    for (const [sender, theirs] of other.#senders) {
      const mine = this.#of(sender);
      for (const message of theirs.messages()) mine.add(...message);
    }
  }

  /**
   * Time to the last receiver, and how much of it that one's delivery lay readable, of the messages that reached all of
   * theirs.
   * @param owedTo how many receivers a message of this sender is owed to.
   * @returns with the number of messages that reached somebody, but not everybody.
   */
  summarise(owedTo: (sender: number) => number): LastSummary {
    const [histogram, waitAtLeast, waitAtMost] = [new Histogram(), new Histogram(), new Histogram()];
    let incomplete = 0;
    for (const [sender, arrivals] of this.#senders) {
      const owed = owedTo(sender);
      for (const [, receivers, slowestUs, waitAtLeastUs, waitAtMostUs] of arrivals.messages())
        if (receivers >= owed) {
          histogram.record(slowestUs);
          waitAtLeast.record(waitAtLeastUs);
          waitAtMost.record(waitAtMostUs);
        } else incomplete++;
    }
    return { histogram, waitAtLeast, waitAtMost, incomplete };
  }

  encode(): EncodedLastArrivals {
    return [...this.#senders].map(([sender, arrivals]) => {
      const numbers: number[] = [];
      for (const message of arrivals.messages()) numbers.push(...message.map(Math.round));
      return [sender, numbers];
    });
  }

  static decode(encoded: EncodedLastArrivals): LastArrivals {
    const arrivals = new LastArrivals();
    for (const [sender, numbers] of encoded) {
      const decoded = arrivals.#of(sender);
      for (let i = 0; i < numbers.length; i += numbersEach)
        decoded.add(...(numbers.slice(i, i + numbersEach) as Message));
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
