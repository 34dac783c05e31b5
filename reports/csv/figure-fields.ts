/** Owns the fields of CSV for figures that every measured row has. */

import type { Latency } from '../fold/latency.js';
import type { MeasuredRow } from '../fold/row.js';
import type { Fields, Value } from './value.js';

export function figureFields(row: MeasuredRow): Fields {
  const { server, measured, counts } = row;
  return {
    delivered_per_second: row.deliveredPerSecond.median,
    delivered_per_second_min: row.deliveredPerSecond.min,
    delivered_per_second_max: row.deliveredPerSecond.max,
    sent_per_second: row.sentPerSecond.median,
    measured_sent: measured.sent,
    measured_owed: measured.owed,
    measured_delivered: measured.delivered,
    lost: counts.lost,
    duplicated: counts.duplicated,
    reordered: counts.reordered,
    corrupted: counts.corrupted,
    ...(counts.misrouted !== undefined && { misrouted: counts.misrouted }),
    connect_failed: counts.connectFailed,
    errors: Object.values(counts.errors).reduce((sum, n) => sum + n, 0),
    error_classes: Object.entries(counts.errors)
      .map(([errorClass, n]) => `${errorClass} ${n}`)
      .join('; '),
    cpu_us_per_delivery: server?.cpuUsPerDelivery.median,
    cpu_percent: server?.cpuPercent.median,
    rss_bytes: server?.rssBytes.median,
    rss_bytes_per_connection: server?.rssBytesPerConnection.median,
    heap_bytes: server?.heapBytes.median,
    event_loop_delay_p99_us: server?.eventLoopDelayP99Us.median,
    gc_ms: server?.gcMs.median,
    bytes_in_per_delivery: row.bytesInPerDelivery.median,
    bytes_out_per_send: row.bytesOutPerSend.median,
    ...latencyFields('service', row.service),
    ...(row.response && latencyFields('response', row.response)),
    ...(row.last && latencyFields('last_receiver', row.last)),
    warnings: row.warnings.length,
  };
}

/** `_firm` is false where too few messages were sent; `_at_least` is true where only a lower bound is known. */
function latencyFields(name: string, { quantiles, max, mean, count }: Latency): Fields {
  const fields: Record<string, Value> = { [`${name}_count`]: count };
  for (const [quantile, { us, firm, atLeast }] of Object.entries(quantiles)) {
    fields[`${name}_${quantile}_us`] = us;
    fields[`${name}_${quantile}_firm`] = firm;
    fields[`${name}_${quantile}_at_least`] = atLeast;
  }
  fields[`${name}_max_us`] = max.us;
  fields[`${name}_max_at_least`] = max.atLeast;
  fields[`${name}_mean_us`] = mean.us;
  return fields;
}
