/** Gates: promises about one measured figure, of a run or of head against base. */

import type { GateMetricName, MetricName } from '../measure/metrics.js';

const comparisons = {
  '<': (value: number, bound: number) => value < bound,
  '<=': (value: number, bound: number) => value <= bound,
  '>': (value: number, bound: number) => value > bound,
  '>=': (value: number, bound: number) => value >= bound,
  '=': (value: number, bound: number) => value === bound,
};
export type Relation = keyof typeof comparisons;
export const relations = Object.keys(comparisons) as Relation[];

export function holds(value: number, comparison: Relation, bound: number): boolean {
  return comparisons[comparison](value, bound);
}

/** A promise that one run keeps or breaks. */
export interface AbsoluteGate {
  readonly is: 'absolute';
  /** As it was written, without the space around it. */
  readonly text: string;
  readonly metric: GateMetricName;
  readonly comparison: Relation;
  /** Durations in us, rates a second, sizes in bytes, shares 0..1. */
  readonly bound: number;
}

/** A promise about head against base. */
export interface RelativeGate {
  readonly is: 'relative';
  readonly text: string;
  readonly metric: MetricName;
  /** Worse by this share of the base or more is a regression: 0.1 is 10 %. */
  readonly byShare: number;
}

export type Gate = AbsoluteGate | RelativeGate;

/** So many relative gates share one rate of false alarms (Holm); with more, a pull request would need ever more forks. */
export const maxRelativeGates = 4;

export const tooManyRelative =
  `more than ${maxRelativeGates} gates compare with base; all of them together are held to one rate of false alarms ` +
  '(Holm), and each more would hide larger regressions: keep the most telling';

export function relativeGates(gates: readonly Gate[]): RelativeGate[] {
  return gates.filter((gate) => gate.is === 'relative');
}
