/**
 * Delivery tracker: which sequence numbers of which sender have arrived at each of a group of receivers.
 *
 * A pair is a sender and one receiver of its messages. For every pair the tracker keeps the next number expected, and the
 * ranges below it that have not come (yet), so that at any time
 *
 *     delivered + missing = sum over all pairs of the next number expected
 *
 * and, once every sender has stopped, lost = missing + (owed - that sum).
 */

/** Numbers from `from` up to, not including, `to`. */
interface Range {
  from: number;
  to: number;
}

export type Arrival = 'in-order' | 'reordered' | 'duplicate';

export class DeliveryTracker {
  readonly #sendersEach: number;
  readonly #next: Uint32Array;
  readonly #gaps = new Map<number, Range[]>();
  /** Distinct messages that arrived. */
  delivered = 0;
  /** Numbers skipped so far and not received since. */
  missing = 0;

  /** @param sendersEach how many senders each receiver hears; 1 when every receiver hears only its own. */
  constructor(receivers: number, sendersEach: number) {
    this.#sendersEach = sendersEach;
    this.#next = new Uint32Array(receivers * sendersEach);
  }

  /** Enters one arrival. `sender` counts from 0 among the senders that this receiver hears. */
  enter(receiver: number, sender: number, sequence: number): Arrival {
    const pair = receiver * this.#sendersEach + sender;
    const expected = this.#next[pair] ?? 0;
    if (sequence === expected) {
      this.#next[pair] = expected + 1;
      this.delivered++;
      return 'in-order';
    }
    return sequence > expected ? this.#skip(pair, expected, sequence) : this.#late(pair, sequence);
  }

  /** Sum over all pairs of the next number expected: deliveries that were, or should have been, received by now. */
  expectedSum(): number {
    let sum = 0;
    for (const next of this.#next) sum += next;
    return sum;
  }

  /** Distinct messages that arrived at one receiver. */
  deliveredTo(receiver: number): number {
    let sum = 0;
    for (let sender = 0; sender < this.#sendersEach; sender++) {
      const next = this.#next[receiver * this.#sendersEach + sender] ?? 0;
      sum += next - this.missingBelow(receiver, sender, next);
    }
    return sum;
  }

  /** Numbers of a sender below `end` that have not arrived at a receiver. */
  missingBelow(receiver: number, sender: number, end: number): number {
    const pair = receiver * this.#sendersEach + sender;
    const gaps = this.#gaps.get(pair) ?? [];
    const skipped = gaps.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, end) - from), 0);
    return skipped + Math.max(0, end - (this.#next[pair] ?? 0));
  }

  #skip(pair: number, expected: number, sequence: number): Arrival {
    const range = { from: expected, to: sequence };
    const gaps = this.#gaps.get(pair);
    if (gaps) gaps.push(range);
    else this.#gaps.set(pair, [range]);
    this.missing += sequence - expected;
    this.#next[pair] = sequence + 1;
    this.delivered++;
    return 'in-order';
  }

  #late(pair: number, sequence: number): Arrival {
    const gaps = this.#gaps.get(pair) ?? [];
    // From the newest: what is late is rarely very late.
    const at = gaps.findLastIndex(({ from }) => sequence >= from);
    const gap = gaps[at];
    if (gap === undefined || sequence >= gap.to) return 'duplicate';
    const rest = [
      { from: gap.from, to: sequence },
      { from: sequence + 1, to: gap.to },
    ].filter(({ from, to }) => from < to);
    gaps.splice(at, 1, ...rest);
    this.missing--;
    this.delivered++;
    return 'reordered';
  }
}
