/** Makes the episodes that a workload asks for. */

import { hasGuests } from '../../core/kind.js';
import { deriveSeed, seededRandom } from '../../core/random.js';
import { firstSlowReceiver } from '../../core/share.js';
import type { Episode, EpisodesOf } from '../load/episode.js';
import { ConnectionChurn } from './connection-churn.js';
import { Presence } from './presence.js';
import { Reconnection } from './reconnection.js';
import { SlowReaders } from './slow-readers.js';

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
    episodes.push(new Reconnection(share.connections, connections.reopen, clock, next, tally));
  }
  return episodes;
};
