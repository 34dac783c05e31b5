/** Sums of encoded histograms, as many as a result file has rows, in little memory. */

import { Histogram } from '../../core/measure/histogram.js';
import { decodeHistogram, encodeHistogram, maxEncodedChars } from '../../core/measure/histogram-encoding.js';

/** How much of what was added waits until sums are made: each sum that is made takes a millisecond or two. */
const waitingChars = 8 * 1024 * 1024;

export interface HistogramSum {
  /** How many histograms are in it. */
  readonly parts: number;
  decoded(): Histogram;
}

export class HistogramSums {
  readonly #sums = new Map<string, Sum>();
  /** Outside of the heap of V8, which would grow by what has been added up and is not yet collected. */
  readonly #waiting = Buffer.allocUnsafeSlow(waitingChars);
  #end = 0;

  /**
   * @param encoded checked by the reader
   * @returns the sum of all that are ever added under `key`.
   */
  add(key: string, encoded: string): HistogramSum {
    const sum = this.#sums.get(key) ?? new Sum(this.#waiting);
    this.#sums.set(key, sum);
    if (this.#end + maxEncodedChars > waitingChars) {
      for (const each of this.#sums.values()) each.make();
      this.#end = 0;
    }
    const from = this.#end;
    this.#end += this.#waiting.write(encoded, from, 'latin1');
    sum.add(from, this.#end);
    return sum;
  }
}

/** Kept encoded, because a decoded histogram takes 140 kB. */
class Sum implements HistogramSum {
  #made: string | undefined;
  #places: (readonly [from: number, to: number])[] = [];
  readonly #waiting: Buffer;
  parts = 0;

  constructor(waiting: Buffer) {
    this.#waiting = waiting;
  }

  add(from: number, to: number): void {
    this.#places.push([from, to]);
    this.parts++;
  }

  decoded(): Histogram {
    const sum = this.#made === undefined ? new Histogram() : decodeHistogram(this.#made);
    const added = new Histogram();
    for (const [from, to] of this.#places) sum.add(decodeHistogram(this.#waiting.toString('latin1', from, to), added));
    return sum;
  }

  /** What waited may be overwritten then. */
  make(): void {
    if (this.#places.length > 0) this.#made = encodeHistogram(this.decoded());
    this.#places = [];
  }
}
