/** Estimates over trials: a figure and a ratio with the interval that its trials or blocks give. */

import type { TrialFigureName } from '../../core/measure/trial-figure.js';
import { signedRank } from '../../core/statistics/rank-tests.js';
import { figureOf, intervalOf, leastTrials, mostTrials } from '../fold/figure.js';
import type { HeadlineCell, HeadlineColumn, Ratio } from '../fold/finding.js';
import { type TrialValue, trialValue } from '../fold/trial-value.js';
import type { ReadTrial } from '../results/read-trial.js';

/** By block. */
export type Values = ReadonlyMap<number, TrialValue>;

export function valuesOf(trials: readonly ReadTrial[], figure: TrialFigureName): Values {
  return new Map(
    trials.flatMap((trial) => {
      const value = trialValue(trial, figure);
      // 0 is what there is of a latency, or a cost of a delivery, where nothing was delivered.
      return value === undefined || (value.value === 0 && trial.measured.delivered === 0) ? [] : [[trial.block, value]];
    }),
  );
}

export type Estimate = Omit<HeadlineCell, 'firm' | 'ratio'>;

export function estimateOf(values: Values): Estimate | undefined {
  const all = [...values.values()];
  const numbers = all.map(({ value }) => value);
  const figure = figureOf(numbers);
  if (figure === undefined) return undefined;
  const atLeast = all.some((one) => one.atLeast);
  const interval = atLeast ? undefined : intervalOf(numbers);
  return { value: figure.median, atLeast, ...(interval && { interval }) };
}

/** Of the blocks that both have. @returns undefined where they share none with two known values above 0. */
export function ratioOf(values: Values, reference: Values, better: HeadlineColumn['better']): Ratio | undefined {
  const ratios = [...values].flatMap(([block, { value, atLeast }]) => {
    const base = reference.get(block);
    if (base === undefined || atLeast || base.atLeast || !(value > 0) || !(base.value > 0)) return [];
    return [Math.log(value / base.value)];
  });
  if (ratios.length === 0) return undefined;
  const { estimate, ci95 } = signedRank(ratios.slice(-mostTrials));
  const value = Math.exp(estimate);
  if (ratios.length < leastTrials) return { value, verdict: 'no interval' };
  const interval = { low: Math.exp(ci95.low), high: Math.exp(ci95.high) };
  const holdsOne = interval.low <= 1 && interval.high >= 1;
  const verdict = holdsOne ? 'unclear' : value < 1 === (better === 'lower') ? 'better' : 'worse';
  return { value, interval, verdict };
}
