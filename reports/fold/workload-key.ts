/** Owns the question whether two workloads are the same work. */

import type { Load, Workload } from '../../core/scenario.js';

/** Every field that makes two workloads different, whatever the order of the keys. */
export function workloadKey(workload: Workload): string {
  const { kind, connections, publishers, load, payload, phases, connect, visitors, outage } = workload;
  return JSON.stringify([
    [kind, connections, publishers, ...loadKey(load), payload.sizeBytes, payload.type],
    [phases.warmupMs, phases.measureMs, phases.drainMs, connect.ratePerSecond, connect.timeoutMs],
    // Those of later versions; what is absent becomes null, in files of any version.
    [workload.rooms, workload.ackTimeoutMs, workload.slowReaders, visitors?.ratePerSecond, visitors?.stayMs],
    [workload.blocking, outage?.how, outage?.afterMs, outage?.recovery, workload.heartbeatMs],
  ]);
}

function loadKey(load: Load): (string | number)[] {
  if (load.model === 'open') return [load.model, load.ratePerSecond, load.arrivals];
  return load.model === 'closed' ? [load.model, load.inflight] : [load.model];
}
