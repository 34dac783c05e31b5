/** Owns the coming back of a worker's connections in an outage: who is away, and what takes the place of what was lost. */

import type { Connection } from '../../core/client.js';
import type { Clock } from '../../core/clock.js';
import type { Tally } from '../../core/measure/tally.js';
import { deriveSeed, seededRandom } from '../../core/random.js';
import type { Share } from '../../core/share.js';
import type { Opener } from '../load/opener.js';
import type { Window } from '../load/window.js';
import { Absences } from './absences.js';
import { Reconnector } from './reconnector.js';

/** Keeps the back-off apart from the load's own random gaps. */
const seedBranch = 0x6261636b;

export class Returns {
  readonly absences: Absences;
  readonly #reconnector: Reconnector;
  #untilUs = Number.POSITIVE_INFINITY;
  #ended = false;

  /** @param connections by receiver; what comes back is put in its place. */
  constructor(opener: Opener, share: Share, clock: Clock, tally: Tally, connections: (Connection | undefined)[]) {
    const random = seededRandom(deriveSeed(share.seed, seedBranch));
    const reopen = async (receiver: number): Promise<void> => {
      const { connection } = await opener.connect(receiver);
      if (this.#ended) {
        connection.close();
        return;
      }
      connections[receiver] = connection;
      this.absences.back(receiver);
    };
    this.#reconnector = new Reconnector(
      reopen,
      clock,
      () => random.next(),
      tally,
      () => this.#untilUs,
    );
    const lost = (receiver: number): void => this.#reconnector.lost(receiver);
    this.absences = new Absences(share.connections, () => clock.nowUs(), lost);
  }

  start({ drainToUs }: Window): void {
    this.#untilUs = drainToUs;
  }

  end(): void {
    this.#ended = true;
    this.#reconnector.stop();
  }
}
