/** The workload that all trials of a calibration are variations of. */

import type { Load, Workload } from '../../core/scenario.js';

const connections = 50;

/** Echoes of 64 bytes over 50 connections, all sending. */
export function echoes(load: Load, measureMs: number, part: Partial<Workload> = {}): Workload {
  return {
    kind: 'echo',
    connections,
    publishers: connections,
    load,
    payload: { sizeBytes: 64, type: 'text' },
    phases: { warmupMs: 200, measureMs, drainMs: 2_000 },
    connect: { ratePerSecond: 5_000, timeoutMs: 5_000 },
    ...part,
  };
}

export const evenly = (ratePerSecond: number): Load => ({ model: 'open', ratePerSecond, arrivals: 'constant' });
export const atRandom = (ratePerSecond: number): Load => ({ model: 'open', ratePerSecond, arrivals: 'poisson' });
export const inFlight = (inflight: number): Load => ({ model: 'closed', inflight });
