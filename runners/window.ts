/** Owns the times of a trial's phases on the clock of one worker. */

import type { Workload } from '../core/scenario.js';

export interface Window {
  readonly startUs: number;
  readonly measureFromUs: number;
  readonly measureToUs: number;
  /** What is not sent and not answered by now is given up. */
  readonly drainToUs: number;
}

export function windowFrom(startUs: number, phases: Workload['phases']): Window {
  const measureFromUs = startUs + phases.warmupMs * 1000;
  const measureToUs = measureFromUs + phases.measureMs * 1000;
  return { startUs, measureFromUs, measureToUs, drainToUs: measureToUs + phases.drainMs * 1000 };
}
