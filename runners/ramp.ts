/** Owns the opening of a worker's connections: not faster than the rate set, and not too many half-open at once. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Connection } from '../core/client.js';
import type { Clock } from '../core/clock.js';
import type { Share } from '../core/share.js';
import type { Tally } from '../core/tally.js';

/** Half-open connections of all workers together; below the accept queue of every target. */
const maxPending = 384;

/**
 * Opens the share's connections; the result holds them by receiver, undefined where opening failed. Failures are
 * counted by class in the tally, the stages of each success recorded.
 */
export async function openConnections(
  client: Client,
  share: Share,
  clock: Clock,
  tally: Tally,
): Promise<(Connection | undefined)[]> {
  const { connections, connect } = share.workload;
  const opened: (Connection | undefined)[] = new Array(share.connections).fill(undefined);
  const intervalUs = (1e6 * connections) / (connect.ratePerSecond * share.connections);
  const mayPend = Math.max(1, Math.floor(maxPending / share.workers));
  const startUs = clock.nowUs();

  const open = async (receiver: number): Promise<void> => {
    const address = share.addresses[(share.firstConnection + receiver) % share.addresses.length]!;
    try {
      const { connection, stagesUs } = await client.open(receiver, address);
      opened[receiver] = connection;
      tally.connected++;
      for (const [stage, us] of Object.entries(stagesUs)) tally.recordStage(stage, us as number);
    } catch (error) {
      tally.connectFailed++;
      tally.countError(error instanceof Error ? error.message : 'connect:unknown');
    }
  };

  let next = 0;
  const openOneByOne = async (): Promise<void> => {
    while (next < share.connections) {
      const receiver = next++;
      const waitMs = (startUs + receiver * intervalUs - clock.nowUs()) / 1000;
      if (waitMs >= 1) await sleep(waitMs);
      await open(receiver);
    }
  };
  await Promise.all(Array.from({ length: Math.min(mayPend, share.connections) }, openOneByOne));
  return opened;
}
