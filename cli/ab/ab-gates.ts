/** Gates of `bench ab`: those of the scenario and the command line, or else the usual ones of a comparison. */

import { type Gate, relativeGates } from '../../core/gates/gate.js';
import { parseGate } from '../../core/gates/gate-syntax.js';
import { type MetricName, metrics } from '../../core/measure/metrics.js';
import type { Load, Scenario } from '../../core/scenario.js';

/** At a given rate throughput is what was asked for, whatever the server costs. */
const usual: Readonly<Record<Load['model'], readonly MetricName[]>> = {
  closed: ['throughput', 'cpuPerDelivery', 'p50', 'p99'],
  open: ['cpuPerDelivery', 'p50', 'p99'],
  none: [],
};

/** The texts of all gates. Where none compares with base, the usual ones do, each at its metric's least effect of interest. */
export function abGates({ gates = [], workloads: [workload] }: Scenario): string[] {
  if (relativeGates(gatesFrom(gates)).length > 0) return [...gates];
  const added = usual[workload?.load.model ?? 'none'].map((metric) => {
    // Rounding removes what binary fractions add.
    const percent = Number((100 * metrics[metric].leastShare).toFixed(6));
    return `${metric} no worse than base by ${percent}%`;
  });
  return [...gates, ...added];
}

/** @param texts each of which was found good when the scenario was read. */
export function gatesFrom(texts: readonly string[]): Gate[] {
  return texts.map((text) => {
    const gate = parseGate(text);
    if ('message' in gate) throw new Error(`${text}: ${gate.message}`);
    return gate;
  });
}
