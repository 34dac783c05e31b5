/** Owns the opening of a worker's connections: not faster than the rate set, and not too many half-open at once. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../core/client.js';
import type { Clock } from '../../core/clock.js';
import type { Share } from '../../core/share.js';
import type { Opener } from './opener.js';

/** Half-open connections of all workers together; below the accept queue of every target. */
const maxPending = 384;

/** Opens the share's connections. @param into by receiver; undefined where opening failed. */
export async function openConnections(
  opener: Opener,
  share: Share,
  clock: Clock,
  into: (Connection | undefined)[],
): Promise<void> {
  const { connections, connect } = share.workload;
  into.length = share.connections;
  const intervalUs = (1e6 * connections) / (connect.ratePerSecond * share.connections);
  const mayPend = Math.max(1, Math.floor(maxPending / share.workers));
  const startUs = clock.nowUs();
  let next = 0;
  const openOneByOne = async (): Promise<void> => {
    while (next < share.connections) {
      const receiver = next++;
      const waitMs = (startUs + receiver * intervalUs - clock.nowUs()) / 1000;
      if (waitMs >= 1) await sleep(waitMs);
      into[receiver] = await opener.open(receiver);
    }
  };
  await Promise.all(Array.from({ length: Math.min(mayPend, share.connections) }, openOneByOne));
}
