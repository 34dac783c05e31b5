/** Owns folding what only some workloads measure; a trial without such a part is left out of its figures. */

import type { Holding, Reconnection, SlowReaders, TrialLine } from '../../core/result.js';
import { type Figure, figureOf } from './figure.js';
import type {
  HoldingFigures,
  ReconnectionFigures,
  SlowReaderFigures,
  TimeFigures,
  VisitFigures,
  WorkloadFigures,
} from './workload-metrics.js';

export function foldWorkloadMetrics(trials: readonly TrialLine[]): WorkloadFigures {
  const pushLag = foldTimes(trials.flatMap(({ pushLagUs }) => pushLagUs ?? []));
  const slowReaders = foldSlowReaders(trials.flatMap((trial) => trial.slowReaders ?? []));
  const visits = foldVisits(trials.flatMap((trial) => trial.visits ?? []));
  const reconnection = foldReconnection(trials.flatMap((trial) => trial.reconnection ?? []));
  const holding = foldHolding(trials.flatMap((trial) => trial.holding ?? []));
  return {
    ...(pushLag && { pushLag }),
    ...(slowReaders && { slowReaders }),
    ...(visits && { visits }),
    ...(reconnection && { reconnection }),
    ...(holding && { holding }),
  };
}

/** @param parts at least one. */
function over<T>(parts: readonly T[], pick: (part: T) => number): Figure {
  return figureOf(parts.map(pick))!;
}

function sum<T>(parts: readonly T[], pick: (part: T) => number): number {
  return parts.reduce((total, part) => total + pick(part), 0);
}

function foldTimes(times: readonly NonNullable<TrialLine['pushLagUs']>[]): TimeFigures | undefined {
  if (times.length === 0) return undefined;
  return {
    p50Us: over(times, ({ p50 }) => p50),
    p99Us: over(times, ({ p99 }) => p99),
    maxUs: over(times, ({ max }) => max),
  };
}

function foldSlowReaders(parts: readonly SlowReaders[]): SlowReaderFigures | undefined {
  if (parts.length === 0) return undefined;
  return {
    readers: over(parts, ({ readers }) => readers),
    owed: sum(parts, ({ owed }) => owed),
    delivered: sum(parts, ({ delivered }) => delivered),
    dropped: sum(parts, ({ owed, delivered }) => Math.max(0, owed - delivered)),
    serverRssGrowthBytes: over(parts, ({ serverRssGrowthBytes }) => serverRssGrowthBytes),
  };
}

function foldVisits(parts: readonly NonNullable<TrialLine['visits']>[]): VisitFigures | undefined {
  if (parts.length === 0) return undefined;
  return { made: sum(parts, ({ made }) => made), delivered: sum(parts, ({ delivered }) => delivered) };
}

function foldReconnection(parts: readonly Reconnection[]): ReconnectionFigures | undefined {
  if (parts.length === 0) return undefined;
  // Where nobody came back there is no time after which somebody did.
  const reconnectUs = foldTimes(parts.flatMap((part) => (part.reconnected > 0 ? [part.reconnectUs] : [])));
  return {
    cutOff: sum(parts, ({ cutOff }) => cutOff),
    reconnected: sum(parts, ({ reconnected }) => reconnected),
    ...(reconnectUs && { reconnectUs }),
    peakPerSecond: over(parts, ({ peakPerSecond }) => peakPerSecond),
    recovered: sum(parts, ({ recovered }) => recovered),
    lost: sum(parts, ({ lost }) => lost),
  };
}

function foldHolding(parts: readonly Holding[]): HoldingFigures | undefined {
  if (parts.length === 0) return undefined;
  const kernel = figureOf(parts.flatMap(({ kernelBytesPerConnection }) => kernelBytesPerConnection ?? []));
  return {
    ...(kernel && { kernelBytesPerConnection: kernel }),
    serverRssBytesPerConnection: over(parts, (part) => part.serverRssBytesPerConnection),
    serverHeapBytesPerConnection: over(parts, (part) => part.serverHeapBytesPerConnection),
    serverExternalBytesPerConnection: over(parts, (part) => part.serverExternalBytesPerConnection),
    bytesInPerHour: over(parts, ({ bytesInPerHour }) => bytesInPerHour),
    bytesOutPerHour: over(parts, ({ bytesOutPerHour }) => bytesOutPerHour),
    serverCpuUsPerHour: over(parts, ({ serverCpuUsPerHour }) => serverCpuUsPerHour),
  };
}
