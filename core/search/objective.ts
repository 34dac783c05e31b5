/** Reads the objective of a search: gates that must all hold, joined by "and". */

import type { AbsoluteGate } from '../gates/gate.js';
import { type GateFault, parseGate } from '../gates/gate-syntax.js';
import { metrics } from '../measure/metrics.js';

/** @returns the gates, or the first fault with its column in `text`. */
export function parseObjective(text: string): readonly AbsoluteGate[] | GateFault {
  const gates: AbsoluteGate[] = [];
  let at = 0;
  for (const part of text.split(/\band\b/i)) {
    const gate = parseGate(part);
    if ('message' in gate) return { message: gate.message, column: at + gate.column };
    if (gate.is === 'relative')
      return { message: 'a load is held or not, without a base; write p99 < 50ms for example', column: at + 1 };
    gates.push(gate);
    at += part.length + 'and'.length;
  }
  return gates;
}

/** Of a search, whose objective was parsed before: a text that is no gate is left out. */
export function gatesOf(objective: readonly string[]): AbsoluteGate[] {
  return objective.flatMap((text) => {
    const gate = parseGate(text);
    return 'is' in gate && gate.is === 'absolute' ? [gate] : [];
  });
}

/** Those that are upper bounds of a latency: what comes near them, or is far beyond, is known in us. */
export function latencyGates(objective: readonly AbsoluteGate[]): AbsoluteGate[] {
  return objective.filter(
    ({ metric, comparison }) =>
      metrics[metric].unit === 'us' && metric !== 'cpuPerDelivery' && comparison.startsWith('<'),
  );
}
