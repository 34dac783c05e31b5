/** Owns the figures of a trial's line that only some kinds of work have, or some things that happen in them. */

import { isPushed, isShared, isSilent, isStorm } from '../../core/kind.js';
import type { Histogram } from '../../core/measure/histogram.js';
import { summariseLatency } from '../../core/measure/latency.js';
import type { Tally } from '../../core/measure/tally.js';
import type { Holding, Reconnection, SlowReaders, TrialLine } from '../../core/result.js';
import { membersOf, roomOf, roomsOf } from '../../core/room.js';
import type { Workload } from '../../core/scenario.js';
import { settings } from '../../core/settings.js';
import { slowMembers } from '../episodes/slow-readers.js';
import type { ServerReading } from '../server/server-message.js';
import { holdingOf } from './holding.js';

/** Bytes of the kernel before the first connection and at the end of the measured window; see `kernel-memory.ts`. */
export interface KernelReading {
  readonly before?: number | undefined;
  readonly held?: number | undefined;
}

type Figures = Partial<
  Pick<
    TrialLine,
    'connectCosts' | 'connectPeakPerSecond' | 'pushLagUs' | 'slowReaders' | 'visits' | 'reconnection' | 'holding'
  >
>;

export function workloadMetrics(
  workload: Workload,
  tally: Tally,
  reading: ServerReading | undefined,
  kernel: KernelReading | undefined,
): Figures {
  const peak = tally.openings.peakPerSecond;
  return {
    connectCosts: tally.costs.means(),
    ...(isStorm(workload.kind) && peak > 0 && { connectPeakPerSecond: peak }),
    ...(isPushed(workload.kind) && { pushLagUs: threeQuantiles(tally.sendLag) }),
    ...(workload.slowReaders && reading && { slowReaders: slowReaders(workload.slowReaders, tally, reading) }),
    ...(workload.visitors && { visits: { made: tally.visits, delivered: tally.visitDeliveries } }),
    ...(workload.outage && { reconnection: reconnection(tally) }),
    ...(isSilent(workload.kind) && reading && { holding: holding(workload, tally, reading, kernel) }),
  };
}

/** Time to the last receiver, where a message has several. */
export function lastLatency(workload: Workload, { last }: Tally): Pick<TrialLine['latencyUs'], 'last'> {
  if (!isShared(workload.kind)) return {};
  const rooms = roomsOf(workload);
  const quick = Array.from(
    { length: rooms },
    (_, room) => membersOf(room, workload.connections, rooms) - slowMembers(workload, room),
  );
  return { last: summariseLatency(last.summarise((sender) => quick[roomOf(sender, rooms)]!).histogram) };
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

function reconnection(tally: Tally): Reconnection {
  return {
    cutOff: tally.cutOff,
    reconnected: tally.reconnected,
    reconnectUs: threeQuantiles(tally.reconnect),
    peakPerSecond: tally.openings.peakPerSecond,
    recovered: tally.recovered,
    lost: tally.lost,
  };
}

function holding(
  { connections, heartbeatMs = settings.heartbeatMs }: Workload,
  tally: Tally,
  reading: ServerReading,
  kernel: KernelReading | undefined,
): Holding {
  return holdingOf({
    connections,
    kernelBefore: kernel?.before,
    kernelHeld: kernel?.held,
    serverBefore: {
      rssBytes: reading.idleRssBytes,
      heapBytes: reading.idleHeapBytes,
      externalBytes: reading.idleExternalBytes,
    },
    serverHeld: reading,
    bytesIn: tally.bytesIn,
    bytesOut: tally.bytesOut,
    serverCpuUs: reading.cpuUs,
    seconds: reading.observedUs / 1e6,
    heartbeatMs,
    usualHeartbeatMs: settings.heartbeatMs,
  });
}
