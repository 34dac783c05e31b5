/** What the server's process and the generator used during a trial, as result files hold it. */

import { z } from 'zod';
import {
  amount,
  count,
  list,
  name,
  positiveCount,
  quantileTriple,
  record,
  type Stored,
  signedAmount,
} from '../stored-value.js';
import { companions } from '../target.js';

const maxReadings = 10_000;

/** A process beside the server. */
const companion = z.object({
  cpuUsPerDelivery: amount,
  rssBytes: amount,
  /** Of one core; absent in files of earlier versions. */
  cpuPercent: amount.optional(),
});

export const serverMetricsSchema = z.object({
  cpuUsPerDelivery: amount,
  cpuPercent: amount,
  rssBytes: amount,
  /** RSS before the first connection: what the runtime and the library cost idle. */
  idleRssBytes: amount,
  /** This and the four that follow are known to the server's own process: absent where it was measured from outside. */
  heapBytes: amount.optional(),
  externalBytes: amount.optional(),
  eventLoopDelayUs: quantileTriple.optional(),
  gcMs: amount.optional(),
  gcCount: count.optional(),
  /** Of the processes beside those of the server, where it needs some. */
  beside: z.partialRecord(z.enum(companions), companion).optional(),
  /** Of its processes alone; absent where none are, and in files of earlier versions, where they had one. */
  cores: positiveCount.optional(),
  /** Of Redis and a proxy alone; absent where they have none but those of the server. */
  coresBeside: positiveCount.optional(),
  /** Of its processes, Redis and a proxy, the thread that used most of a core, and whose it is; absent where that is not known. */
  busiestThread: z.object({ process: name, cpuPercent: amount }).optional(),
  /** Share of the measured time of its cores that others took; absent where that is not known. */
  othersShare: amount.optional(),
  /** About one reading a second over the measured window. */
  timeline: list(
    z.object({
      atMs: amount,
      cpuPercent: amount,
      rssBytes: amount,
      heapBytes: amount.optional(),
      /** p99 of the event-loop delay in this second; like the next, absent in files of earlier versions. */
      eventLoopDelayP99Us: amount.optional(),
      /** Garbage collection in this second. */
      gcMs: amount.optional(),
    }),
    maxReadings,
  ),
});
export type ServerMetrics = Stored<typeof serverMetricsSchema>;

type OnCores = Pick<ServerMetrics, 'cpuPercent' | 'cores' | 'coresBeside' | 'beside'>;

/** CPU that Redis and a proxy took of the server's cores, in percent of one: nothing where they have cores of their own. */
export function besidePercent({ cores, coresBeside, beside }: OnCores): number {
  if (cores === undefined || coresBeside !== undefined) return 0;
  return Object.values(beside ?? {}).reduce((sum, { cpuPercent = 0 }) => sum + cpuPercent, 0);
}

/** CPU on the server's cores in percent of one, by whatever is there. */
export function usedPercent(server: OnCores): number {
  return server.cpuPercent + besidePercent(server);
}

/** What one agent of a trial was and did. */
export const agentFiguresSchema = z.object({
  /** Threads that made load. */
  workers: count,
  cores: count,
  connections: count,
  /** Busiest worker, as of the whole generator. */
  eventLoopUtilization: amount,
  cpuPercent: amount,
  rssBytes: amount,
  /** Of its clock and that of the run by that of Redis, together; 0 on the host of the run. */
  clockBoundUs: amount,
});
export type AgentFigures = Stored<typeof agentFiguresSchema>;

/** What reports make of it. */
export const agentFigures = {
  workers: { fold: 'median', unit: 'count' },
  cores: { fold: 'median', unit: 'count' },
  connections: { fold: 'median', unit: 'count' },
  eventLoopUtilization: { fold: 'median', unit: 'share' },
  cpuPercent: { fold: 'median', unit: '%' },
  rssBytes: { fold: 'median', unit: 'B' },
  clockBoundUs: { fold: 'median', unit: 'us' },
} as const;

export const generatorMetricsSchema = z.object({
  workers: count,
  /** Busiest worker, its pacing spin not counted as use; 0..1. */
  eventLoopUtilization: amount,
  /** sent - due of measured messages; open loop only. */
  sendLagUs: quantileTriple,
  cpuPercent: amount,
  /** RSS of the whole process that makes the load, at the end of the measured window. */
  rssBytes: amount,
  /** RSS added by opening the connections, for each of them. */
  rssBytesPerConnection: signedAmount,
  /** JavaScript heap added over the measured window. */
  heapGrowthBytes: signedAmount,
  /** About one reading a second over the measured window, of the busiest worker or the sum of all. */
  timeline: list(
    z.object({
      atMs: amount,
      eventLoopUtilization: amount,
      heapBytes: amount,
      /** p99 of the messages sent in this second; 0 when there were none. */
      sendLagP99Us: amount,
      /** Of the deliveries in this second, from due in an open loop; absent in files of earlier versions. */
      latencyP50Us: amount.optional(),
      /** The same deliveries; like the next, absent in files of earlier versions. */
      latencyP99Us: amount.optional(),
      deliveredPerSecond: amount.optional(),
    }),
    maxReadings,
  ),
  /** Share of the machine's time that its hypervisor gave to others during the measured window; 0..1. */
  stolenShare: amount,
  /** Share of the measured time of its cores that others took; absent where that is not known. */
  othersShare: amount.optional(),
  /** By name, where agents made the load and not this process. */
  agents: record(agentFiguresSchema).optional(),
});
export type GeneratorMetrics = Stored<typeof generatorMetricsSchema>;
/** What one worker, or all of them together, did in about a second. */
export type RunnerReading = GeneratorMetrics['timeline'][number];
