/** Owns what connections cost that only are there, made from readings before the first of them and while all are held. */

import type { Holding } from '../../core/result.js';

/** Of the server's process. The heap includes garbage that has not been collected yet: no collection is forced. */
export interface MemoryReading {
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
}

export interface HoldingReadings {
  /** Those that were held. */
  readonly connections: number;
  /** Bytes of all sockets of the machine, see `kernel-memory.ts`; undefined where that is not known. */
  readonly kernelBefore: number | undefined;
  readonly kernelHeld: number | undefined;
  readonly serverBefore: MemoryReading;
  readonly serverHeld: MemoryReading;
  /** TCP payload of all connections, and CPU time of the server, in `seconds` of holding. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly serverCpuUs: number;
  readonly seconds: number;
  /** The heartbeat while that was measured, shorter than usual so that some fall into the time there is. */
  readonly heartbeatMs: number;
  readonly usualHeartbeatMs: number;
}

/**
 * Costs of each connection. Memory is the difference of two readings and may be negative, when the server gave back more
 * than the connections took; only that of the kernel, where other sockets of the machine come and go, is at least 0.
 *
 * Bytes and CPU are scaled to an hour with the usual heartbeat on the assumption that everything idle connections cost is
 * heartbeats: x 3600 s / seconds x heartbeat / usual heartbeat. What a server does by the clock instead is understated.
 * All figures are 0 when no connection was held or no time passed.
 */
export function holdingOf(readings: HoldingReadings): Holding {
  const { connections, kernelBefore, kernelHeld, serverBefore, serverHeld, seconds } = readings;
  const { heartbeatMs, usualHeartbeatMs } = readings;
  const each = (amount: number): number => ratio(amount, connections);
  const eachPerHour = (amount: number): number =>
    each(amount) * ratio(3600, seconds) * ratio(heartbeatMs, usualHeartbeatMs);
  return {
    kernelBytesPerConnection:
      kernelBefore === undefined || kernelHeld === undefined ? null : each(Math.max(0, kernelHeld - kernelBefore)),
    serverRssBytesPerConnection: each(serverHeld.rssBytes - serverBefore.rssBytes),
    serverHeapBytesPerConnection: each(serverHeld.heapBytes - serverBefore.heapBytes),
    serverExternalBytesPerConnection: each(serverHeld.externalBytes - serverBefore.externalBytes),
    bytesInPerHour: eachPerHour(readings.bytesIn),
    bytesOutPerHour: eachPerHour(readings.bytesOut),
    serverCpuUsPerHour: eachPerHour(readings.serverCpuUs),
  };
}

function ratio(amount: number, parts: number): number {
  return parts > 0 ? amount / parts : 0;
}
