/** Owns the fields of CSV for figures that only some workloads have: columns that are not there where no row has them. */

import type {
  HoldingFigures,
  ReconnectionFigures,
  SlowReaderFigures,
  TimeFigures,
  WorkloadFigures,
} from '../fold/workload-metrics.js';
import type { Fields } from './value.js';

export function workloadMetricFields({ pushLag, slowReaders, visits, reconnection, holding }: WorkloadFigures): Fields {
  return {
    ...(pushLag && timeFields('push_lag', pushLag)),
    ...(slowReaders && slowReaderFields(slowReaders)),
    ...(visits && { visits: visits.made, visit_deliveries: visits.delivered }),
    ...(reconnection && reconnectionFields(reconnection)),
    ...(holding && holdingFields(holding)),
  };
}

export function timeFields(name: string, { p50Us, p99Us, maxUs }: TimeFigures): Fields {
  return {
    [`${name}_p50_us`]: p50Us.median,
    [`${name}_p99_us`]: p99Us.median,
    [`${name}_max_us`]: maxUs.median,
  };
}

function slowReaderFields({ readers, owed, delivered, dropped, serverRssGrowthBytes }: SlowReaderFigures): Fields {
  return {
    slow_reader_connections: readers.median,
    slow_reader_owed: owed,
    slow_reader_delivered: delivered,
    slow_reader_dropped: dropped,
    slow_reader_server_rss_growth_bytes: serverRssGrowthBytes.median,
  };
}

function reconnectionFields(figures: ReconnectionFigures): Fields {
  const { cutOff, reconnected, reconnectUs, peakPerSecond, recovered, lost } = figures;
  return {
    cut_off: cutOff,
    reconnected,
    ...(reconnectUs && timeFields('reconnect', reconnectUs)),
    reconnect_peak_per_second: peakPerSecond.median,
    missed_recovered: recovered,
    missed_lost: lost,
  };
}

function holdingFields(holding: HoldingFigures): Fields {
  return {
    holding_kernel_bytes_per_connection: holding.kernelBytesPerConnection?.median,
    holding_rss_bytes_per_connection: holding.serverRssBytesPerConnection.median,
    holding_heap_bytes_per_connection: holding.serverHeapBytesPerConnection.median,
    holding_external_bytes_per_connection: holding.serverExternalBytesPerConnection.median,
    holding_in_bytes_per_connection_hour: holding.bytesInPerHour.median,
    holding_out_bytes_per_connection_hour: holding.bytesOutPerHour.median,
    holding_cpu_us_per_connection_hour: holding.serverCpuUsPerHour.median,
  };
}
