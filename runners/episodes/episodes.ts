/** Makes the episodes that a workload asks for. */

import type { Connection } from '../../core/client.js';
import { hasGuests } from '../../core/kind.js';
import { deriveSeed, seededRandom } from '../../core/random.js';
import type { Outage } from '../../core/scenario.js';
import { type Clock, msUntil, type Window } from '../../core/schedule.js';
import { firstSlowReceiver } from '../../core/share.js';
import type { Episode, EpisodesOf } from '../load/episode.js';
import { ConnectionChurn } from './connection-churn.js';
import { Presence } from './presence.js';
import { Reconnection } from './reconnection.js';

/** Keeps the delays of reconnection apart from the load's own random gaps. */
const seedBranch = 0x6261636b;

export const episodesOf: EpisodesOf = (share, clock, tally, connections, clientFor) => {
  const { kind, slowReaders, visitors, outage } = share.workload;
  const episodes: Episode[] = [];
  if (slowReaders) episodes.push(new SlowReaders(() => connections.from(firstSlowReceiver(share)), clock));
  if (visitors) episodes.push(new ConnectionChurn(clientFor, share, visitors, clock, tally));
  if (hasGuests(kind)) episodes.push(new Presence(clientFor, share, clock, tally));
  if (outage) {
    const { next } = seededRandom(deriveSeed(share.seed, seedBranch));
    const reconnection = new Reconnection(share.connections, connections.reopen, clock, next, tally);
    episodes.push(reconnection);
    // Before a user's own server there is no proxy that could cut them.
    if (share.endpoint && outage.how === 'reset')
      episodes.push(
        new Reset(() => connections.end().forEach((receiver) => void reconnection.lost(receiver)), clock, outage),
      );
  }
  return episodes;
};

/** Slow readers: connections that do not read during the measured part of a window. */
class SlowReaders implements Episode {
  #readers: readonly Connection[] = [];
  #timers: NodeJS.Timeout[] = [];

  /** @param open the slow readers whose connection is open. */
  constructor(
    private readonly open: () => readonly Connection[],
    private readonly clock: Clock,
  ) {}

  begin({ measureFromUs, measureToUs }: Window): void {
    this.#readers = this.open();
    const at = (us: number, call: () => void) => setTimeout(call, msUntil(us, this.clock));
    this.#timers = [at(measureFromUs, () => this.#pause()), at(measureToUs, () => this.#resume())];
  }

  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#resume();
  }

  #pause(): void {
    for (const reader of this.#readers) reader.pauseReading();
  }

  #resume(): void {
    for (const reader of this.#readers) reader.resumeReading();
  }
}

/** Reset: clients end all their connections at once, which the server sees as a reset. */
class Reset implements Episode {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly reset: () => void,
    private readonly clock: Clock,
    private readonly outage: Outage,
  ) {}

  begin({ measureFromUs }: Window): void {
    this.#timer = setTimeout(this.reset, msUntil(measureFromUs + 1000 * this.outage.afterMs, this.clock));
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
