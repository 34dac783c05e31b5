/** Owns the question whether two workloads are the same work. */

import type { Workload } from '../core/scenario.js';

/** Every field that makes two workloads different, whatever the order of the keys. */
export function workloadKey({ kind, connections, publishers, load, payload, phases, connect }: Workload): string {
  const shape = load.model === 'open' ? [load.ratePerSecond, load.arrivals] : [load.inflight];
  return JSON.stringify([
    [kind, connections, publishers, load.model, ...shape, payload.sizeBytes, payload.type],
    [phases.warmupMs, phases.measureMs, phases.drainMs, connect.ratePerSecond, connect.timeoutMs],
  ]);
}
