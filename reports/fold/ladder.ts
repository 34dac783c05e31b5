/** Owns why a target was not asked for a workload: at an earlier step of its ladder it had become too slow. */

import { p95Us } from '../../core/measure/latency.js';
import { formatDuration } from '../../core/units.js';
import { workloadKey } from '../../core/workload/workload-fields.js';
import type { Result } from '../results/result-reader.js';

/** @returns the reason, undefined where the ladder is none. `key` is that of a workload, see `workloadKey`. */
export type StoppedBefore = (target: string, key: string) => string | undefined;

export function ladderOf({ run, trials }: Result): StoppedBefore {
  const { stopAboveP95Us, workloads } = run.scenario;
  if (stopAboveP95Us === undefined) return () => undefined;
  const steps = new Map(workloads.map((workload, step) => [workloadKey(workload), step]));
  const tooSlow = new Map<string, Set<number>>();
  for (const trial of trials) {
    const step = steps.get(workloadKey(trial.workload));
    if (step === undefined || p95Us(trial) <= stopAboveP95Us) continue;
    tooSlow.set(trial.target, (tooSlow.get(trial.target) ?? new Set()).add(step));
  }
  return (target, key) => {
    const here = steps.get(key) ?? 0;
    const earlier = [...(tooSlow.get(target) ?? [])].filter((step) => step < here);
    if (earlier.length === 0) return undefined;
    const distance = here - Math.max(...earlier);
    return `its p95 was above ${formatDuration(stopAboveP95Us)} ${distance === 1 ? 'one step' : `${distance} steps`} before`;
  };
}
