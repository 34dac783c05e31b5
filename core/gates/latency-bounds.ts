/** What a scenario's gates ask of latency: the least bound on the median, and the least on what is above it. */

import type { LatencyBounds } from '../measure/validity.js';
import { parseGate } from './gate-syntax.js';

const tail: readonly string[] = ['p90', 'p95', 'p99', 'p999', 'max'];

/** @param gates as they are written; those about anything else, or about a change from base, count for nothing. */
export function latencyBoundsOf(gates: readonly string[] = []): LatencyBounds {
  const least = (metrics: readonly string[]): number | undefined => {
    const bounds = gates.flatMap((text) => {
      const gate = parseGate(text);
      const isUpper = 'is' in gate && gate.is === 'absolute' && gate.comparison.startsWith('<');
      return isUpper && metrics.includes(gate.metric) ? gate.bound : [];
    });
    return bounds.length > 0 ? Math.min(...bounds) : undefined;
  };
  return { medianUs: least(['p50']), tailUs: least(tail) };
}
