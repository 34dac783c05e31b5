/** Reads gates that were written down: on the command line, in a scenario or in a result file; and the usual ones of `bench ab`. */

import { type Gate, maxRelativeGates, relativeGates, tooManyRelative } from '../core/gates/gate.js';
import { parseGate } from '../core/gates/gate-syntax.js';
import { metrics, usualMetricsOf } from '../core/measure/metrics.js';
import { quote } from '../core/printable.js';
import type { Scenario } from '../core/scenario.js';
import { UsageError } from '../runners/failure.js';

/**
 * Each gate once, in order.
 *
 * @param origin what the texts stand after in a message: a file or a flag
 * @throws UsageError with a line each for those that cannot be read.
 */
export function readGates(texts: readonly string[], origin: string): Gate[] {
  const faults: string[] = [];
  const gates = new Map<string, Gate>();
  for (const text of texts) {
    const gate = parseGate(text);
    if ('is' in gate) gates.set(gate.text, gate);
    else faults.push(`${origin} ${quote(text)}, column ${gate.column}: ${gate.message}`);
  }
  if (faults.length > 0) throw new UsageError(faults.join('\n'));
  return [...gates.values()];
}

/** @throws UsageError when more of them compare with base than can be decided together. */
export function joinGates(stored: readonly Gate[], given: readonly Gate[]): Gate[] {
  const all = [...new Map([...stored, ...given].map((gate) => [gate.text, gate])).values()];
  if (relativeGates(all).length > maxRelativeGates) throw new UsageError(tooManyRelative);
  return all;
}

/** The texts of all gates. Where none compares with base, the usual ones do, each at its metric's least effect of interest. */
export function abGates({ gates = [], workloads: [workload] }: Scenario): string[] {
  if (relativeGates(readGates(gates, 'gate')).length > 0) return [...gates];
  const added = (workload ? usualMetricsOf(workload.kind, workload.load.model).gated : []).map((metric) => {
    // Rounding removes what binary fractions add.
    const percent = Number((100 * metrics[metric].leastShare).toFixed(6));
    return `${metric} no worse than base by ${percent}%`;
  });
  return [...gates, ...added];
}
