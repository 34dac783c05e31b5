/** The ratio of head to base in each fork of a comparison within one job: the sample of its statistics. */

import type { MetricName } from '../../core/measure/metrics.js';
import type { ForkWindow, TrialLine } from '../../core/result.js';
import { signedRank } from '../../core/statistics/rank-tests.js';
import { groupBy } from '../fold/group-by.js';
import { sampleOf } from './sample.js';

/** Beyond this a window was empty on one side, or the file is not ours. */
const maxLnRatio = 50;

/** A pair of fresh servers between which the load alternated; both sides valid. */
export interface Fork {
  readonly base: TrialLine;
  readonly head: TrialLine;
}

/** The valid forks in order. A fork counts only if both of its sides are valid. */
export function validForks(trials: readonly TrialLine[]): Fork[] {
  const valid = groupBy(
    trials.filter((trial) => trial.valid && trial.fork !== undefined),
    ({ block }) => block,
  );
  return [...valid].toSorted(([a], [b]) => a - b).flatMap(([, lines]) => wholeOf(lines));
}

/** At most one: a fork that was repeated although it was good is still one fork. */
function wholeOf(lines: readonly TrialLine[]): Fork[] {
  const attempts = groupBy(lines, ({ attempt }) => attempt);
  return [...attempts.values()]
    .flatMap((sides) => {
      const [base, head] = (['base', 'head'] as const).map((side) => sides.findLast(({ fork }) => fork?.side === side));
      return base !== undefined && head !== undefined ? [{ base, head }] : [];
    })
    .slice(0, 1);
}

/** ln(head / base) of each valid fork that has the figure on both sides; never NaN nor infinite. */
export function forkRatios(trials: readonly TrialLine[], metric: MetricName): number[] {
  return validForks(trials).flatMap((fork) => forkRatio(fork, metric) ?? []);
}

/**
 * Rates and CPU per delivery: over windows, those of the same number being neighbours in time, their pseudo-median
 * (Hodges & Lehmann 1963): a few spoilt windows move it as little as the median, and the good ones count for more.
 * Latency and memory, which a window has too little of: from the figures of both sides.
 *
 * @returns undefined where one is missing.
 */
export function forkRatio({ base, head }: Fork, metric: MetricName): number | undefined {
  const [from, to] = [sampleOf(base, metric), sampleOf(head, metric)];
  if (from === undefined || to === undefined) return undefined;
  const read = ofWindow[metric];
  if (read === undefined) return Math.log(to.value / from.value);
  const windows = base.fork?.windows.flatMap((window, i) => {
    const other = head.fork?.windows[i];
    const ratio = other === undefined ? Number.NaN : Math.log(read(other) / read(window));
    return Math.abs(ratio) <= maxLnRatio ? [ratio] : [];
  });
  return windows && windows.length > 0 ? signedRank(windows).estimate : undefined;
}

const ofWindow: Partial<Record<MetricName, (window: ForkWindow) => number>> = {
  throughput: ({ delivered, seconds }) => delivered / seconds,
  cpuPerDelivery: ({ serverCpuUs, delivered }) => serverCpuUs / delivered,
};
