/** Counts events by tenth of a second, from which the busiest second is found. */

const binUs = 100_000;
const binsInSecond = 1e6 / binUs;

/** Bin number on the host's monotonic clock, and events in it. Plain JSON. */
export type EncodedRateBins = readonly (readonly [bin: number, events: number])[];

export class RateBins {
  readonly #events = new Map<number, number>();

  /** @param atUs on the host's monotonic clock, which all workers share. */
  count(atUs: number): void {
    this.add([[Math.floor(atUs / binUs), 1]]);
  }

  add(encoded: EncodedRateBins): void {
    for (const [bin, events] of encoded) this.#events.set(bin, (this.#events.get(bin) ?? 0) + events);
  }

  /** Most events in any second that begins with a bin; 0 when there were none. */
  get peakPerSecond(): number {
    let most = 0;
    for (const first of this.#events.keys()) {
      let events = 0;
      for (let bin = first; bin < first + binsInSecond; bin++) events += this.#events.get(bin) ?? 0;
      most = Math.max(most, events);
    }
    return most;
  }

  encode(): EncodedRateBins {
    return [...this.#events];
  }
}
