/** Owns the fields of CSV that say what was done. */

import type { Workload } from '../../core/scenario.js';
import type { Fields } from './value.js';

export function workloadFields(workload: Workload): Fields {
  const { kind, connections, publishers, load, payload, phases } = workload;
  return {
    kind,
    connections,
    publishers,
    load: load.model,
    asked_per_second: load.model === 'open' ? load.ratePerSecond : undefined,
    arrivals: load.model === 'open' ? load.arrivals : undefined,
    inflight_per_publisher: load.model === 'closed' ? load.inflight : undefined,
    payload_bytes: payload.sizeBytes,
    payload_type: payload.type,
    measure_ms: phases.measureMs,
    ...workloadMetricFields(workload),
  };
}

/** Columns that are not there where no workload has them. */
function workloadMetricFields(workload: Workload): Fields {
  const { rooms, ackTimeoutMs, slowReaders, visitors, blocking, outage, heartbeatMs } = workload;
  return {
    ...(rooms !== undefined && { rooms }),
    ...(ackTimeoutMs !== undefined && { ack_timeout_ms: ackTimeoutMs }),
    ...(slowReaders !== undefined && { slow_readers: slowReaders }),
    ...(visitors && { visits_asked_per_second: visitors.ratePerSecond, visit_stay_ms: visitors.stayMs }),
    ...(blocking !== undefined && { blocking }),
    ...(outage && { outage: outage.how, outage_after_ms: outage.afterMs, outage_recovery: outage.recovery }),
    ...(heartbeatMs !== undefined && { heartbeat_ms: heartbeatMs }),
  };
}
