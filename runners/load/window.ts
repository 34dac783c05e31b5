/** Owns the times of a trial's phases on the clock of one worker. */

import type { Workload } from '../../core/scenario.js';

export interface Window {
  readonly startUs: number;
  readonly measureFromUs: number;
  readonly measureToUs: number;
  /** What is not sent and not answered by now is given up. */
  readonly drainToUs: number;
}

/** Before a load has begun: nothing is measured, and nothing is late. */
export const notYet: Window = {
  startUs: 0,
  measureFromUs: Number.POSITIVE_INFINITY,
  measureToUs: Number.POSITIVE_INFINITY,
  drainToUs: Number.POSITIVE_INFINITY,
};

export function windowFrom(startUs: number, phases: Workload['phases']): Window {
  const measureFromUs = startUs + phases.warmupMs * 1000;
  const measureToUs = measureFromUs + phases.measureMs * 1000;
  return { startUs, measureFromUs, measureToUs, drainToUs: measureToUs + phases.drainMs * 1000 };
}
