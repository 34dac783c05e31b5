/** Owns how a trial is divided among workers: every connection and every sender belongs to exactly one. Plain JSON. */

import type { ClientName } from './client.js';
import { deriveSeed } from './random.js';
import type { Workload } from './scenario.js';
import type { SenderSlice } from './schedule.js';
import type { Protocol, Transport } from './target.js';

export interface Share {
  readonly worker: number;
  readonly workers: number;
  /** Connections this worker opens; its senders are the first `senders.count` of them. */
  readonly connections: number;
  /** Place of this worker's first connection in the ramp of the whole trial. */
  readonly firstConnection: number;
  readonly senders: SenderSlice;
  readonly workload: Workload;
  readonly client: ClientName;
  readonly protocol: Protocol;
  readonly transport: Transport;
  /** Destination addresses, used in turn; each has a port range of its own on the client's side. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly seed: number;
}

/** Everything of a share that is the same for all workers of a trial. */
export type SharedPart = Pick<Share, 'workload' | 'client' | 'protocol' | 'transport' | 'addresses' | 'port' | 'seed'>;

/** Number in the whole trial of the connection that is `receiver` in its worker; a sender's number is its connection's. */
export function connectionNumber({ worker, workers }: Pick<Share, 'worker' | 'workers'>, receiver: number): number {
  return worker + receiver * workers;
}

/** `total` things dealt to `parts` as evenly as whole things can be; the parts sum to `total`. */
function portion(total: number, parts: number, index: number): number {
  return Math.floor(total / parts) + (index < total % parts ? 1 : 0);
}

/**
 * Splits a trial. Senders are dealt in turn (sender s belongs to worker s mod `workers`), so a worker never has more
 * senders than connections and constant schedules interleave evenly.
 */
export function split(shared: SharedPart, workers: number): Share[] {
  const { connections, publishers } = shared.workload;
  let firstConnection = 0;
  return Array.from({ length: workers }, (_, worker) => {
    const own = portion(connections, workers, worker);
    const share: Share = {
      ...shared,
      worker,
      workers,
      connections: own,
      firstConnection,
      senders: { first: worker, stride: workers, count: portion(publishers, workers, worker), total: publishers },
      seed: deriveSeed(shared.seed, worker),
    };
    firstConnection += own;
    return share;
  });
}
