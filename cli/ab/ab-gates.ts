/** Gates of `bench ab`: those of the scenario and the command line, or else the usual ones of a comparison. */

import { type Gate, relativeGates } from '../../core/gates/gate.js';
import { parseGate } from '../../core/gates/gate-syntax.js';
import { metrics, usualMetrics } from '../../core/measure/metrics.js';
import type { Scenario } from '../../core/scenario.js';

/** The texts of all gates. Where none compares with base, the usual ones do, each at its metric's least effect of interest. */
export function abGates({ gates = [], workloads: [workload] }: Scenario): string[] {
  if (relativeGates(gatesFrom(gates)).length > 0) return [...gates];
  const added = usualMetrics[workload?.load.model ?? 'none'].gated.map((metric) => {
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
