/**
 * Latency histogram from 1 us to 60 s at 3 significant digits; values outside are clamped and counted.
 *
 * Buckets are those of HdrHistogram (G. Tene): 2048 linear sub-buckets, then 1024 for each doubling, so that a bucket
 * is never wider than 0.1 % of its value. The counts are ours, in a plain typed array, because recording is the hot
 * path (see `npm run benchmark`); `histogram-encoding.ts` translates them to what other HdrHistogram tools read.
 */

export const lowestUs = 1;
export const highestUs = 60_000_000;

const subBucketBits = 11; // 2048 sub-buckets hold 3 significant digits
const half = 1 << (subBucketBits - 1);
const mask = (1 << subBucketBits) - 1;

function indexOf(value: number): number {
  const bucket = 32 - subBucketBits - Math.clz32(value | mask);
  return bucket * half + (value >>> bucket);
}

/** The highest value that shares the bucket at `index`: what a quantile falling into it is reported as. */
export function highestOf(index: number): number {
  if (index < 2 * half) return index;
  const bucket = Math.floor(index / half) - 1;
  return ((index - bucket * half + 1) << bucket) - 1;
}

export const bucketCount = indexOf(highestUs) + 1;

export class Histogram {
  readonly #counts = new Float64Array(bucketCount);
  /**
   * How many values, and their sum. In a typed array, because a field that outgrows a small integer has everything that
   * V8 compiled for this class thrown away, in the middle of the first window in which it does.
   */
  readonly #totals = new Float64Array(2);
  #min = Number.POSITIVE_INFINITY;
  #max = 0;
  /** Values that were above the range and counted at its upper bound. */
  clamped = 0;

  /** Counts a value in us, so many times; fractions are dropped, below 1 us counts as 1. */
  record(us: number, times = 1): void {
    let value = us | 0;
    if (us >= highestUs) {
      if (us >= highestUs + 1) this.clamped += times;
      value = highestUs;
    } else if (!(us >= lowestUs)) value = lowestUs; // not `value`, which wraps below -2^31, nor `<`, for NaN
    this.#increase(indexOf(value), times);
    this.#total(times, times * value);
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  /** Adds everything that `other` has recorded. Associative and commutative. */
  add(other: Histogram): void {
    for (let i = 0, end = other.#firstEmpty; i < end; i++) this.#increase(i, other.countAt(i));
    this.#total(other.count, other.#sum);
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
    this.clamped += other.clamped;
  }

  get count(): number {
    return this.#totals[0] ?? 0;
  }
  /** 0 when nothing was recorded. */
  get min(): number {
    return this.count === 0 ? 0 : this.#min;
  }
  get max(): number {
    return this.#max;
  }
  get mean(): number {
    return this.count === 0 ? 0 : this.#sum / this.count;
  }

  /**
   * The value in us that a share `q` (0..1) of all values do not exceed, to the width of a bucket.
   *
   * `censored` values are known to be missing above everything recorded (messages still unanswered at the end): they
   * take part in the ranking, and a quantile that falls among them is reported as infinite.
   */
  quantile(q: number, censored = 0): number {
    const total = this.count + censored;
    if (total === 0) return 0;
    // The epsilon keeps 0.07 * 100 from asking for the eighth value because of binary rounding.
    const rank = Math.max(1, Math.ceil(q * total - 1e-9 * total));
    if (rank > this.count) return Number.POSITIVE_INFINITY;
    let seen = 0;
    for (let i = 0, end = this.#firstEmpty; i < end; i++) {
      seen += this.countAt(i);
      if (seen >= rank) return Math.min(highestOf(i), this.#max);
    }
    return this.#max;
  }

  /** How many values are above `us`, to the width of a bucket. */
  countAbove(us: number): number {
    let above = 0;
    for (let i = indexOf(Math.min(us, highestUs)) + 1; i < bucketCount; i++) above += this.countAt(i);
    return above;
  }

  /** Forgets everything. */
  clear(): void {
    this.#counts.fill(0, 0, this.#firstEmpty);
    this.#totals.fill(0);
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = 0;
    this.clamped = 0;
  }

  copy(): Histogram {
    const copy = new Histogram();
    copy.add(this);
    return copy;
  }

  /** What was recorded since `earlier`, a copy of this histogram made before. */
  since(earlier: Histogram): Histogram {
    const difference = new Histogram();
    for (let i = 0, end = this.#firstEmpty; i < end; i++) difference.addAt(i, this.countAt(i) - earlier.countAt(i));
    return difference;
  }

  /** Count of the bucket at `index`; 0 where there is no such bucket. */
  countAt(index: number): number {
    return this.#counts[index] ?? 0;
  }

  /** Adds `count` values to the bucket at `index`, as its highest value within the range: for decoding. */
  addAt(index: number, count: number): void {
    if (count === 0) return;
    const value = Math.min(highestOf(index), highestUs);
    this.#increase(index, count);
    this.#total(count, count * value);
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
  }

  get #sum(): number {
    return this.#totals[1] ?? 0;
  }

  /** The first bucket of those at the end that hold nothing: most of all 18,000, and each takes time while a trial runs. */
  get #firstEmpty(): number {
    return this.count === 0 ? 0 : indexOf(this.#max) + 1;
  }

  #total(count: number, sum: number): void {
    this.#totals[0] = this.count + count;
    this.#totals[1] = this.#sum + sum;
  }

  #increase(index: number, by: number): void {
    this.#counts[index] = (this.#counts[index] ?? 0) + by;
  }
}
