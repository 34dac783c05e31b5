/** Owns the report as CSV (RFC 4180): a line a target, client and workload; a unit in the name of every column. */

import type { Workload } from '../../core/scenario.js';
import type { Latency } from '../latency.js';
import type { Report } from '../report.js';
import type { MeasuredRow, Row } from '../row.js';

type Value = string | number | boolean | undefined;

/** An empty field is a figure that there is not. Lines end with CR LF. */
export function csv(report: Report): string {
  const records = report.tables.flatMap(({ workload, rows }) =>
    rows.map(
      (row): Record<string, Value> => ({
        scenario: report.name,
        started_at: report.startedAt,
        ...rowFields(row),
        ...workloadFields(workload),
        ...(row.state === 'measured' ? figureFields(row) : {}),
      }),
    ),
  );
  // An empty row has fewer fields than a measured one, and a closed loop fewer than an open one.
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const lines = [columns, ...records.map((record) => columns.map((name) => record[name]))];
  return lines.map((line) => `${line.map(field).join(',')}\r\n`).join('');
}

function rowFields(row: Row): Record<string, Value> {
  return {
    target: row.target,
    client: row.client,
    library: row.state === 'measured' ? row.library : undefined,
    state: row.state,
    reason: row.state === 'measured' ? undefined : row.reason,
    trials_used: row.state === 'measured' ? row.trialsUsed : 0,
    trials_planned: row.trialsPlanned,
    trials_invalid: row.invalid.length,
  };
}

function workloadFields({ kind, connections, publishers, load, payload, phases }: Workload): Record<string, Value> {
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
  };
}

function figureFields(row: MeasuredRow): Record<string, Value> {
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
    ...(row.response ? latencyFields('response', row.response) : {}),
    doubts: row.doubts.length,
  };
}

/** `_firm` is false where too few messages were sent; `_at_least` is true where only a lower bound is known. */
function latencyFields(name: string, { quantiles, max, mean, count }: Latency): Record<string, Value> {
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

/** Text that a spreadsheet would run as a formula gets an apostrophe (OWASP, CSV injection). */
function field(value: Value): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value);
  const inert = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
