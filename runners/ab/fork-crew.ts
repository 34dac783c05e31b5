/** Owns the workers of a comparison between forks: keeps them while they serve, replaces them when they do not. */

import { ForkGroup } from './fork-group.js';

export class ForkCrew {
  readonly #count: number;
  #group: ForkGroup | undefined;

  constructor(count: number) {
    this.#count = count;
  }

  get count(): number {
    return this.#count;
  }

  /** Workers for the next fork, with what earlier ones compiled. */
  workers(): ForkGroup {
    this.#group ??= new ForkGroup(this.#count);
    return this.#group;
  }

  /** Ends the workers: their fork failed, or the comparison is over. */
  async dismiss(): Promise<void> {
    const group = this.#group;
    this.#group = undefined;
    await group?.terminate();
  }
}
