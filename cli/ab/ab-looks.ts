/** Owns when `bench ab` looks at its forks, and whether what it sees then is enough. */

import { type Gate, type RelativeGate, relativeGates } from '../../core/gates/gate.js';
import type { Look } from '../../core/result.js';
import { compareForks } from '../../reports/comparison/compare-forks.js';
import { type Comparison, usualAlpha, usualLooks } from '../../reports/comparison/comparison.js';
import { maxSamples } from '../../reports/comparison/warnings.js';
import { contractText } from '../../reports/gates/contract.js';
import { evaluateGates } from '../../reports/gates/evaluate.js';
import type { GateResult } from '../../reports/gates/outcome.js';
import type { Result } from '../../reports/results/result-reader.js';
import { UsageError } from '../../runners/failure.js';

/** Enough to see that both versions work, too few for any verdict. */
const quickForks = 2;

/** A number of forks of the user's own is one look, which has the whole alpha. @throws UsageError */
export function looksFor(forks: number | undefined, quick: boolean): readonly Look[] {
  if (forks === undefined) return quick ? [{ forks: quickForks, alpha: usualAlpha }] : usualLooks;
  if (!Number.isInteger(forks) || forks < 1 || forks > maxSamples)
    throw new UsageError(`--forks: a whole number from 1 to ${maxSamples} is expected`);
  return [{ forks, alpha: usualAlpha }];
}

/** What the forks so far say. */
export interface Sight {
  readonly comparison: Comparison;
  readonly judged: GateResult;
  /** Head loses, repeats, reorders or changes messages: no verdict about speed can make up for it. */
  readonly broken: boolean;
  /** More forks could change nothing that a gate asks. */
  readonly decided: boolean;
}

export function look(result: Result, gates: readonly Gate[], { alpha }: Look): Sight {
  const relative = relativeGates(gates);
  const comparison = compareForks(result, relative, alpha);
  const judged = evaluateGates(result, gates, comparison);
  const broken = judged.outcomes.some(({ text, outcome }) => text === contractText && outcome === 'failed');
  return { comparison, judged, broken, decided: broken || isDecided(comparison, relative) };
}

/** Whether every gate that compares with base has a verdict. */
export function isDecided({ rows }: Pick<Comparison, 'rows'>, gates: readonly RelativeGate[]): boolean {
  const open = ['inconclusive', 'needs more', 'no data'];
  const decided = rows.filter(({ gate, verdict }) => gate !== undefined && !open.includes(verdict));
  return decided.length >= gates.length;
}
