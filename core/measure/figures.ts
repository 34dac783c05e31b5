/**
 * The figures of a trial, each described once: where it lies in a trial line, how it is folded over trials, its unit and
 * its column of CSV; `core/result.ts` says what each is. Those that gates, comparisons and histories know by a name of
 * their own are in `metrics.ts`.
 */

import { layerFigures } from '../layers/layers.js';
import { acrossHostsFigures } from './latency.js';
import { reconnectionFigures } from './openings.js';
import { agentFigures } from './process-metrics.js';

/** Of stored values. A share is 0..1. */
export type Unit = MetricUnit | 'ms' | '%';
export type MetricUnit = 'us' | '/s' | 'B' | 'share' | 'count';

interface Described {
  /** Path in a trial line, or in the stage where it is one of a stage; without it, the path of the figure in a row. */
  readonly at?: string;
  /** Column of CSV, or what its columns begin with. A figure without it is not in CSV. */
  readonly csv?: string;
  /** Not every trial has it, and a row may lack it. */
  readonly optional?: true;
}

/** Over trials: their median and extremes, or their sum. A trial without the figure is left out. */
interface NumberEntry extends Described {
  readonly fold: 'median' | 'sum';
  readonly unit: Unit;
  /** Computed from other numbers of the line, at these paths. */
  readonly from?: readonly string[];
  readonly of?: (...values: number[]) => number;
  /** Lowest and highest trial have columns of CSV too. */
  readonly csvRange?: true;
}

/** p50, p99 and max, in us, of something that happened many times in a trial; the median of each over trials. */
interface TimesEntry extends Described {
  readonly fold: 'times';
  /** Of trials only where the count at this path is not zero. */
  readonly onlyWith?: string;
}

/** How often each class of something happened, summed over trials. */
interface ClassesEntry extends Described {
  readonly fold: 'classes';
}

/** A latency histogram, merged over trials. */
interface HistogramEntry extends Described {
  readonly fold: 'histogram';
  /** It has a value a message, not a delivery. */
  readonly ofMessages?: true;
}

/** Figures that a trial has together or not at all. */
interface PartEntry extends Described {
  readonly fold: 'part';
  readonly figures: FigureTable;
}

/** The same figures of each stage of opening a connection. */
interface StagesEntry extends Described {
  readonly fold: 'stages';
  readonly figures: Readonly<Record<string, NumberEntry>>;
}

/** The same figures of each agent, by its name. */
interface AgentsEntry extends Described {
  readonly fold: 'agents';
  readonly figures: Readonly<Record<string, NumberEntry>>;
}

export type FigureEntry =
  | NumberEntry
  | TimesEntry
  | ClassesEntry
  | HistogramEntry
  | PartEntry
  | StagesEntry
  | AgentsEntry;
export type FigureTable = Readonly<{ [name: string]: FigureEntry }>;

const part = <const Part extends FigureTable>(figures: Part) => ({ fold: 'part', figures }) as const;
const optionalPart = <const Part extends FigureTable>(figures: Part) => ({ ...part(figures), optional: true }) as const;

/** Where processes beside the server stand. */
const [redis, proxy] = ['server.beside.redis', 'server.beside.proxy'] as const;
const timeIfKnown = { fold: 'median', unit: 'us', optional: true } as const;
const bytesIfKnown = { fold: 'median', unit: 'B', optional: true } as const;

/** Figures of every workload, in the order of their columns. Counts are of whole trials, warm-up included. */
export const commonFigures = {
  deliveredPerSecond: { fold: 'median', unit: '/s', csv: 'delivered_per_second', csvRange: true },
  sentPerSecond: { fold: 'median', unit: '/s', csv: 'sent_per_second' },
  /** Of measured windows only. */
  measured: part({
    scheduled: { fold: 'sum', unit: 'count' },
    sent: { fold: 'sum', unit: 'count', csv: 'measured_sent' },
    owed: { fold: 'sum', unit: 'count', csv: 'measured_owed' },
    delivered: { fold: 'sum', unit: 'count', csv: 'measured_delivered' },
  }),
  counts: part({
    scheduled: { fold: 'sum', unit: 'count' },
    sent: { fold: 'sum', unit: 'count' },
    dropped: { fold: 'sum', unit: 'count' },
    owed: { fold: 'sum', unit: 'count' },
    delivered: { fold: 'sum', unit: 'count' },
    lost: { fold: 'sum', unit: 'count', csv: 'lost' },
    duplicated: { fold: 'sum', unit: 'count', csv: 'duplicated' },
    reordered: { fold: 'sum', unit: 'count', csv: 'reordered' },
    corrupted: { fold: 'sum', unit: 'count', csv: 'corrupted' },
    misrouted: { fold: 'sum', unit: 'count', csv: 'misrouted', optional: true },
    unrecognised: { fold: 'sum', unit: 'count', csv: 'unrecognised', optional: true },
    connectFailed: { fold: 'sum', unit: 'count', csv: 'connect_failed' },
    errors: { fold: 'classes', csv: 'error' },
    others: { fold: 'classes', csv: 'other', optional: true },
  }),
  /** Of the connections that were asked for. */
  connectedShare: {
    fold: 'median',
    unit: 'share',
    from: ['counts.connectFailed', 'connections'],
    of: (failed = 0, connections = 1) => Math.max(0, 1 - failed / connections),
    csv: 'connected_share',
  },
  /** Of trials whose server reported. */
  server: optionalPart({
    cpuUsPerDelivery: { fold: 'median', unit: 'us', csv: 'cpu_us_per_delivery' },
    cpuPercent: { fold: 'median', unit: '%', csv: 'cpu_percent' },
    rssBytes: { fold: 'median', unit: 'B', csv: 'rss_bytes' },
    idleRssBytes: { fold: 'median', unit: 'B' },
    rssBytesPerConnection: {
      fold: 'median',
      unit: 'B',
      from: ['server.rssBytes', 'server.idleRssBytes', 'connections'],
      of: (rss = 0, idle = 0, connections = 1) => (rss - idle) / connections,
      csv: 'rss_bytes_per_connection',
    },
    heapBytes: { fold: 'median', unit: 'B', csv: 'heap_bytes', optional: true },
    eventLoopDelayP50Us: { fold: 'median', unit: 'us', at: 'server.eventLoopDelayUs.p50', optional: true },
    eventLoopDelayP99Us: { ...timeIfKnown, at: 'server.eventLoopDelayUs.p99', csv: 'event_loop_delay_p99_us' },
    eventLoopDelayMaxUs: { fold: 'median', unit: 'us', at: 'server.eventLoopDelayUs.max', optional: true },
    gcMs: { fold: 'median', unit: 'ms', csv: 'gc_ms', optional: true },
    gcCount: { fold: 'median', unit: 'count', optional: true },
    redisCpuUsPerDelivery: { ...timeIfKnown, at: `${redis}.cpuUsPerDelivery`, csv: 'redis_cpu_us_per_delivery' },
    redisRssBytes: { ...bytesIfKnown, at: `${redis}.rssBytes`, csv: 'redis_rss_bytes' },
    proxyCpuUsPerDelivery: { ...timeIfKnown, at: `${proxy}.cpuUsPerDelivery`, csv: 'proxy_cpu_us_per_delivery' },
    proxyRssBytes: { ...bytesIfKnown, at: `${proxy}.rssBytes`, csv: 'proxy_rss_bytes' },
    cores: { fold: 'median', unit: 'count', csv: 'server_cores', optional: true },
    coresBeside: { fold: 'median', unit: 'count', csv: 'server_cores_beside', optional: true },
    othersShare: { fold: 'median', unit: 'share', optional: true },
  }),
  bytesInPerDelivery: { fold: 'median', unit: 'B', at: 'bytesPerMessage.in', csv: 'bytes_in_per_delivery' },
  bytesOutPerSend: { fold: 'median', unit: 'B', at: 'bytesPerMessage.out', csv: 'bytes_out_per_send' },
  /** The process that made the load; its busiest worker where there are several. */
  runner: part({
    workers: { fold: 'median', unit: 'count' },
    eventLoopUtilization: { fold: 'median', unit: 'share' },
    sendLagP50Us: { fold: 'median', unit: 'us', at: 'runner.sendLagUs.p50' },
    sendLagP99Us: { fold: 'median', unit: 'us', at: 'runner.sendLagUs.p99' },
    rssBytesPerConnection: { fold: 'median', unit: 'B' },
    stolenShare: { fold: 'median', unit: 'share' },
    othersShare: { fold: 'median', unit: 'share', optional: true },
  }),
  service: { fold: 'histogram', at: 'latencyUs.service', csv: 'service' },
  response: { fold: 'histogram', at: 'latencyUs.response', csv: 'response', optional: true },
  /** Until the last of its receivers had a message; `unanswered` are messages that a receiver never had. */
  last: { fold: 'histogram', at: 'latencyUs.last', csv: 'last_receiver', optional: true, ofMessages: true },
} as const satisfies FigureTable;

/** Figures that only some workloads or later versions have, in the order of their columns. */
export const workloadFigures = {
  /** How long deliveries lay readable before they were read; of the last receiver's of each message, too. */
  receiveWait: {
    ...optionalPart({
      atLeast: { fold: 'times', at: 'receiveWaitUs.atLeast', csv: 'receive_wait_at_least' },
      atMost: { fold: 'times', at: 'receiveWaitUs.atMost', csv: 'receive_wait_at_most' },
      lastAtLeast: {
        fold: 'times',
        at: 'receiveWaitUs.last.atLeast',
        csv: 'last_receive_wait_at_least',
        optional: true,
      },
      lastAtMost: { fold: 'times', at: 'receiveWaitUs.last.atMost', csv: 'last_receive_wait_at_most', optional: true },
    }),
    at: 'receiveWaitUs',
  },
  /** Deliveries whose sender is on another host, by two clocks, and how far these are known. */
  acrossHosts: optionalPart(acrossHostsFigures),
  /** Of those that made the load in place of worker threads. */
  agents: { fold: 'agents', at: 'runner.agents', optional: true, figures: agentFigures },
  /** Until the end of each stage. */
  connect: {
    fold: 'stages',
    at: 'connectUs',
    csv: 'connect',
    figures: {
      p50Us: { fold: 'median', unit: 'us', at: 'p50', csv: 'p50_us' },
      p99Us: { fold: 'median', unit: 'us', at: 'p99', csv: 'p99_us' },
      maxUs: { fold: 'median', unit: 'us', at: 'max', csv: 'max_us' },
    },
  },
  /** On the wire, from the first packet to the end of each stage; bytes are TCP payload. */
  connectCosts: {
    fold: 'stages',
    csv: 'connect',
    optional: true,
    figures: {
      roundTrips: { fold: 'median', unit: 'count', csv: 'round_trips' },
      bytesIn: { fold: 'median', unit: 'B', csv: 'in_bytes' },
      bytesOut: { fold: 'median', unit: 'B', csv: 'out_bytes' },
    },
  },
  /** Most connections that opened within one second: ready, or where connecting is measured, answered. */
  connectPeakPerSecond: { fold: 'median', unit: '/s', csv: 'connect_peak_per_second', optional: true },
  /** How long after it was due the server itself sent a message. */
  pushLag: { fold: 'times', at: 'pushLagUs', csv: 'push_lag', optional: true },
  /** At a connection to a user's own server, from one push to the next. */
  pushGap: { fold: 'times', at: 'pushGapUs', csv: 'push_gap', optional: true },
  /** What connections were owed in whole trials that read nothing during the measured window, and what became of it. */
  slowReaders: optionalPart({
    readers: { fold: 'median', unit: 'count', csv: 'slow_reader_connections' },
    owed: { fold: 'sum', unit: 'count', csv: 'slow_reader_owed' },
    delivered: { fold: 'sum', unit: 'count', csv: 'slow_reader_delivered' },
    /** By the server: owed and never delivered. */
    dropped: {
      fold: 'sum',
      unit: 'count',
      from: ['slowReaders.owed', 'slowReaders.delivered'],
      of: (owed = 0, delivered = 0) => Math.max(0, owed - delivered),
      csv: 'slow_reader_dropped',
    },
    serverRssGrowthBytes: { fold: 'median', unit: 'B', csv: 'slow_reader_server_rss_growth_bytes' },
  }),
  /** Connections that came and went; nothing is owed to them. */
  visits: optionalPart({
    made: { fold: 'sum', unit: 'count', csv: 'visits' },
    delivered: { fold: 'sum', unit: 'count', csv: 'visit_deliveries' },
  }),
  /** Volatile events: owed, not delivered, and allowed to be. */
  volatile: optionalPart({ dropped: { fold: 'sum', unit: 'count', csv: 'volatile_dropped' } }),
  reconnection: optionalPart(reconnectionFigures),
  /** Of one message each way, of an idle minute, and of a delivery; each adds up to its `total`. */
  layers: optionalPart(layerFigures),
  /** What a connection costs that only is there. */
  holding: optionalPart({
    kernelBytesPerConnection: {
      fold: 'median',
      unit: 'B',
      csv: 'holding_kernel_bytes_per_connection',
      optional: true,
    },
    serverRssBytesPerConnection: { fold: 'median', unit: 'B', csv: 'holding_rss_bytes_per_connection' },
    serverHeapBytesPerConnection: {
      fold: 'median',
      unit: 'B',
      csv: 'holding_heap_bytes_per_connection',
      optional: true,
    },
    serverExternalBytesPerConnection: {
      fold: 'median',
      unit: 'B',
      csv: 'holding_external_bytes_per_connection',
      optional: true,
    },
    bytesInPerHour: { fold: 'median', unit: 'B', csv: 'holding_in_bytes_per_connection_hour' },
    bytesOutPerHour: { fold: 'median', unit: 'B', csv: 'holding_out_bytes_per_connection_hour' },
    serverCpuUsPerHour: { fold: 'median', unit: 'us', csv: 'holding_cpu_us_per_connection_hour' },
  }),
} as const satisfies FigureTable;

type RowFigures = typeof commonFigures & typeof workloadFigures;
type NamesIn<Table> = {
  [Name in keyof Table & string]: Table[Name] extends { fold: 'part'; figures: infer Part }
    ? `${Name}.${NamesIn<Part>}`
    : Table[Name] extends { fold: 'times' }
      ? `${Name}.${'p50Us' | 'p99Us' | 'maxUs'}`
      : Table[Name] extends { fold: 'median' | 'sum' }
        ? Name
        : never;
}[keyof Table & string];

/** A single number, by its path in a row: `server.rssBytes`. */
export type FigureName = NamesIn<RowFigures>;

/** What stands at a path such as `server.rssBytes`; undefined where it leads nowhere. */
export function valueAt(object: unknown, path: string): unknown {
  return path.split('.').reduce((value, key) => {
    const has = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    return has ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
  }, object);
}
