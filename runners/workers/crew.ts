/** Owns the workers of a run between trials: keeps them while they serve, replaces them when they do not. */

import { WorkerGroup } from './worker-pool.js';

/**
 * With so many connections a trial gets workers of its own: memory for each connection can only be told apart from what
 * earlier trials left behind when there were none.
 */
const freshFrom = 5_000;

export class Crew {
  #group: WorkerGroup | undefined;

  /** Workers for the next trial. */
  async workers(count: number, connections: number): Promise<WorkerGroup> {
    if (this.#group && (this.#group.count !== count || connections >= freshFrom)) await this.dismiss();
    this.#group ??= new WorkerGroup(count);
    return this.#group;
  }

  /** Ends the workers: their trial failed, or the run is over. */
  async dismiss(): Promise<void> {
    const group = this.#group;
    this.#group = undefined;
    await group?.terminate();
  }
}
