/**
 * Messages of one connection that wait for their acknowledgement, when what comes back with it is the server's own. Kept in
 * arrays by the lowest bits of the sequence number, which grow when more are in flight.
 */

const fewest = 16;

export class MessagesInFlight {
  #mask = fewest - 1;
  /** Sequence number; -1 where nothing waits. */
  #sequences = new Int32Array(fewest).fill(-1);
  #dueUs = new Float64Array(fewest);
  #sentUs = new Float64Array(fewest);
  #measured = new Uint8Array(fewest);

  add(sequence: number, dueUs: number, sentUs: number, measured: boolean): void {
    while ((this.#sequences[sequence & this.#mask] ?? -1) >= 0 && this.#mask < 0xffff) this.#grow();
    const at = sequence & this.#mask;
    this.#sequences[at] = sequence;
    this.#dueUs[at] = dueUs;
    this.#sentUs[at] = sentUs;
    this.#measured[at] = measured ? 1 : 0;
  }

  /** Whether that message waited; from now on it does not. */
  take(sequence: number): { readonly dueUs: number; readonly sentUs: number; readonly measured: boolean } | undefined {
    const at = sequence & this.#mask;
    if (this.#sequences[at] !== sequence) return undefined;
    this.#sequences[at] = -1;
    return { dueUs: this.#dueUs[at] ?? 0, sentUs: this.#sentUs[at] ?? 0, measured: this.#measured[at] === 1 };
  }

  #grow(): void {
    const [sequences, dueUs, sentUs, measured] = [this.#sequences, this.#dueUs, this.#sentUs, this.#measured];
    const size = 2 * sequences.length;
    this.#mask = size - 1;
    this.#sequences = new Int32Array(size).fill(-1);
    this.#dueUs = new Float64Array(size);
    this.#sentUs = new Float64Array(size);
    this.#measured = new Uint8Array(size);
    for (const [i, sequence] of sequences.entries())
      if (sequence >= 0) this.add(sequence, dueUs[i] ?? 0, sentUs[i] ?? 0, measured[i] === 1);
  }
}
