/**
 * Polls of the event loop, and from them how long what is being read lay readable before, at least and at most.
 *
 * The loop asks the kernel which sockets are readable, and reads all of them before it asks again. What it reads was
 * readable when it asked, so at least since the first read after that. And it was not readable when the loop asked the
 * time before, nor as long as the loop slept, or it would have been read then.
 */

/** libuv takes no more sockets at once from the kernel; after so many it asks again, before the check phase. */
const mostReads = 1_024;

export class Polls {
  #readUs = 0;
  #firstReadUs = 0;
  /** Since the check phase. */
  #reads = 0;
  /** How often the loop has asked since the check phase, as far as it has been read; 0 before the first read. */
  #asked = 0;
  /** Times before the loop asked for what is being read, and before it asked the time before. */
  #beforeUs = 0;
  #beforeLastUs = 0;
  #sleptUs = 0;
  /** Whether all polls that the bounds depend on were seen; not always, where only some are looked at. */
  isKnown = true;

  /** @param readSleptUs how long the event loop of this thread has slept in all. */
  constructor(private readonly readSleptUs: () => number) {}

  /** Something has been read since the check phase. */
  get isReading(): boolean {
    return this.#asked > 0;
  }

  /** How long the message that is being read lay readable, in us. */
  get atLeastUs(): number {
    return this.#readUs - this.#firstReadUs;
  }
  get atMostUs(): number {
    return this.#readUs - this.#beforeLastUs;
  }

  /**
   * To be called for each message, with the time of its read.
   * @returns whether it is the first since the check phase.
   */
  read(nowUs: number): boolean {
    const asked = 1 + Math.floor(this.#reads / mostReads);
    const isFirst = this.#asked === 0;
    if (asked !== this.#asked) {
      // Where it had to ask several times, what was readable before all of them may be read last.
      if (!isFirst) this.#beforeUs = this.#readUs;
      this.#asked = asked;
      this.#firstReadUs = nowUs;
    }
    this.#readUs = nowUs;
    return isFirst;
  }

  /** To be called when a read has been handled, with messages in it or not. */
  endOfRead(): void {
    this.#reads++;
  }

  /** To be called in the check phase. @param nowUs the time, or an earlier one that is not before the last read. */
  ended(nowUs: number): void {
    this.#beforeLastUs = this.#beforeUs;
    this.#beforeUs = nowUs;
    this.#reads = 0;
    this.#asked = 0;
  }

  /** To be called when the loop may sleep before it reads again, and something else than a read has woken it since. */
  maySleep(): void {
    this.#sleptUs = this.readSleptUs();
  }

  /** To be called at the first read after it may have slept: until after it asked, and nothing was readable as long. */
  woke(): void {
    const sleptUs = this.readSleptUs();
    if (sleptUs > this.#sleptUs) this.#beforeLastUs = this.#beforeUs + sleptUs - this.#sleptUs;
    this.#sleptUs = sleptUs;
  }
}
