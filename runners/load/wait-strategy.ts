/** Owns the question whether a worker sleeps between messages of a closed loop, or spins. */

import type { Load } from '../../core/scenario.js';

/**
 * A closed loop with so many messages in flight has the next one waiting more often than not. Sleeping for the rest
 * lets server and client handle several at a time; polling the sockets without pause costs both of them calls.
 */
const crowd = 8;

export function sleepsBetweenMessages(load: Load, senders: number): boolean {
  return load.model === 'closed' && load.inflight * senders >= crowd;
}
