/** Makes the figures of a trial's line that only some workloads have. */

import { isPushed, isShared, isSilent, isStorm, losesProcess } from '../../core/kind.js';
import type { Histogram } from '../../core/measure/histogram.js';
import type { LastSummary } from '../../core/measure/last-arrivals.js';
import { summariseLatency } from '../../core/measure/latency.js';
import type { Tally } from '../../core/measure/tally.js';
import type { Holding, Reconnection, SlowReaders, TrialLine } from '../../core/result.js';
import type { Workload } from '../../core/scenario.js';
import { owesUnknown, readingMembers, roomOf, roomsOf } from '../../core/share.js';
import { maxAmount } from '../../core/stored-value.js';
import { settings } from '../../core/target.js';
import type { ServerReading } from '../server/server-message.js';

/** Bytes of the kernel before the first connection and at the end of the measured window; see `kernel-memory.ts`. */
export interface KernelReading {
  readonly before?: number | undefined;
  readonly held?: number | undefined;
}

export function workloadMetrics(
  workload: Workload,
  tally: Tally,
  reading: ServerReading | undefined,
  kernel: KernelReading | undefined,
): Partial<TrialLine> {
  const peak = tally.openings.peakPerSecond;
  return {
    connectCosts: tally.costs.means(),
    ...(isStorm(workload.kind) && peak > 0 && { connectPeakPerSecond: peak }),
    ...(isPushed(workload.kind) &&
      (workload.exchange
        ? { pushGapUs: threeQuantiles(tally.pushGap) }
        : { pushLagUs: threeQuantiles(tally.sendLag) })),
    ...(workload.slowReaders && reading && { slowReaders: slowReaders(workload.slowReaders, tally, reading) }),
    ...(workload.visitors && { visits: { made: tally.visits, delivered: tally.visitDeliveries } }),
    ...(workload.outage && { reconnection: reconnection(workload, tally) }),
    // What coming back costs is not what being there costs.
    ...(isSilent(workload.kind) &&
      !workload.outage &&
      reading && { holding: holdingOf(workload, tally, reading, kernel ?? {}) }),
  };
}

/** Time to the last receiver, where a message has several. */
export function lastLatency(workload: Workload, { last }: Tally): LastSummary | undefined {
  if (!isShared(workload.kind) || owesUnknown(workload)) return undefined;
  const rooms = roomsOf(workload);
  return last.summarise((sender) => readingMembers(workload, roomOf(sender, rooms)));
}

export function receiveWait(tally: Tally, last: LastSummary | undefined): Pick<TrialLine, 'receiveWaitUs'> {
  const ofLast = last && { atLeast: threeQuantiles(last.waitAtLeast), atMost: threeQuantiles(last.waitAtMost) };
  const [atLeast, atMost] = [tally.waitAtLeast, tally.waitAtMost].map(summariseLatency);
  return atLeast && atMost ? { receiveWaitUs: { atLeast, atMost, ...(ofLast && { last: ofLast }) } } : {};
}

export function threeQuantiles(histogram: Histogram): { p50: number; p99: number; max: number } {
  return { p50: histogram.quantile(0.5), p99: histogram.quantile(0.99), max: histogram.max };
}

function slowReaders(readers: number, { slowOwed, slowDelivered }: Tally, reading: ServerReading): SlowReaders {
  return {
    readers,
    owed: slowOwed,
    delivered: slowDelivered,
    serverRssGrowthBytes: reading.rssBytes - reading.rssAtStartBytes,
  };
}

function reconnection(workload: Workload, tally: Tally): Reconnection {
  const { dropped: unsent, lostInside, lostByOthers } = tally;
  const ofProcess = { unsent, lostInside, lostByOthers: Math.max(0, lostByOthers) };
  return {
    cutOff: tally.cutOff,
    reconnected: tally.reconnected,
    reconnectUs: threeQuantiles(tally.reconnect),
    peakPerSecond: tally.openings.peakPerSecond,
    recovered: tally.recovered,
    lost: Math.max(0, tally.lost - lostInside - lostByOthers),
    ...(losesProcess(workload) && ofProcess),
  };
}

/** While connections are held. The heap includes garbage that has not been collected yet: no collection is forced. */
export type HeldReading = Omit<ServerReading, 'rssAtStartBytes' | 'eventLoopDelayUs' | 'gcMs' | 'gcCount' | 'timeline'>;

/**
 * Costs of each connection. Memory is the difference of two readings and may be negative, when the server gave back more
 * than the connections took; only that of the kernel, where other sockets of the machine come and go, is at least 0.
 *
 * Bytes and CPU are scaled to an hour with the usual heartbeat on the assumption that everything idle connections cost is
 * heartbeats: x 3600 s / seconds x heartbeat / usual heartbeat. What a server does by the clock instead is understated.
 * All figures are 0 when no connection was held or no time passed.
 */
export function holdingOf(
  { connections, heartbeatMs = settings.heartbeatMs }: Pick<Workload, 'connections' | 'heartbeatMs'>,
  { bytesIn, bytesOut }: Pick<Tally, 'bytesIn' | 'bytesOut'>,
  server: HeldReading,
  { before, held }: KernelReading,
): Holding {
  const seconds = server.observedUs / 1e6;
  const each = (amount: number): number => ratio(amount, connections);
  const eachPerHour = (amount: number): number =>
    Math.min(maxAmount, each(amount) * ratio(3600, seconds) * ratio(heartbeatMs, settings.heartbeatMs));
  const added = (name: string, idle: number | undefined, held: number | undefined) =>
    idle === undefined || held === undefined ? {} : { [name]: each(held - idle) };
  return {
    kernelBytesPerConnection: before === undefined || held === undefined ? null : each(Math.max(0, held - before)),
    serverRssBytesPerConnection: each(server.rssBytes - server.idleRssBytes),
    ...added('serverHeapBytesPerConnection', server.idleHeapBytes, server.heapBytes),
    ...added('serverExternalBytesPerConnection', server.idleExternalBytes, server.externalBytes),
    bytesInPerHour: eachPerHour(bytesIn),
    bytesOutPerHour: eachPerHour(bytesOut),
    serverCpuUsPerHour: eachPerHour(server.cpuUs),
  };
}

/** 0 where there are no parts, and never more than a result file can hold. */
export function ratio(amount: number, parts: number): number {
  return parts > 0 ? Math.min(maxAmount, amount / parts) : 0;
}
