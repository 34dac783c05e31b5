/** Owns folding what opening a connection took, by stage. */

import type { TrialLine } from '../../core/result.js';
import { inStageOrder } from './connect-stages.js';
import { type Figure, figureOf } from './figure.js';
import type { MeasuredRow } from './row.js';

type ByStage<T> = Readonly<Record<string, T>>;

export function foldConnect(trials: readonly TrialLine[]): MeasuredRow['connect'] {
  return foldStages(
    trials.map(({ connectUs }) => connectUs),
    (stage, over) => ({
      stage,
      p50Us: over((time) => time.p50),
      p99Us: over((time) => time.p99),
      maxUs: over((time) => time.max),
    }),
  );
}

/** @returns undefined when no trial has them. */
export function foldConnectCosts(trials: readonly TrialLine[]): MeasuredRow['connectCosts'] | undefined {
  const costs = foldStages(
    trials.flatMap(({ connectCosts }) => (connectCosts === undefined ? [] : [connectCosts])),
    (stage, over) => ({
      stage,
      roundTrips: over((cost) => cost.roundTrips),
      bytesIn: over((cost) => cost.bytesIn),
      bytesOut: over((cost) => cost.bytesOut),
    }),
  );
  return costs.length > 0 ? costs : undefined;
}

/** @returns undefined when no trial has it. */
export function foldConnectPeak(trials: readonly TrialLine[]): Figure | undefined {
  return figureOf(trials.flatMap(({ connectPeakPerSecond }) => connectPeakPerSecond ?? []));
}

/** A trial without a stage is left out of the figures of that stage. */
function foldStages<T, Folded>(
  trials: readonly ByStage<T>[],
  fold: (stage: string, over: (pick: (value: T) => number) => Figure) => Folded,
): Folded[] {
  return inStageOrder(trials.flatMap((stages) => Object.keys(stages))).map((stage) => {
    const values = trials.flatMap((stages) => (Object.hasOwn(stages, stage) ? [stages[stage]!] : []));
    return fold(stage, (pick) => figureOf(values.map(pick))!);
  });
}
