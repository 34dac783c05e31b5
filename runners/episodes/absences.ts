/** Owns who is away in an outage and since when, so that what it missed and was given later can be told. */

export class Absences {
  /** By receiver: when its connection was lost last, and when it was back; infinite while it is away. */
  readonly #lostUs: Float64Array;
  readonly #backUs: Float64Array;
  readonly #nowUs: () => number;
  readonly #onLost: (receiver: number) => void;

  constructor(receivers: number, nowUs: () => number, onLost: (receiver: number) => void) {
    this.#lostUs = new Float64Array(receivers);
    this.#backUs = new Float64Array(receivers);
    this.#nowUs = nowUs;
    this.#onLost = onLost;
  }

  lost(receiver: number): void {
    this.#lostUs[receiver] = this.#nowUs();
    this.#backUs[receiver] = Number.POSITIVE_INFINITY;
    this.#onLost(receiver);
  }

  back(receiver: number): void {
    this.#backUs[receiver] = this.#nowUs();
  }

  /** Whether a message that left at `sentUs` did so while the receiver was away. */
  missed(receiver: number, sentUs: number): boolean {
    return sentUs >= this.#lostUs[receiver]! && sentUs < this.#backUs[receiver]!;
  }
}
