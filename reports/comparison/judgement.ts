/** Which metrics are compared, and the verdicts: gates corrected together after Holm, the rest after Benjamini-Hochberg. */

import type { RelativeGate } from '../../core/gates/gate.js';
import { judge, worseUpwards } from '../../core/gates/verdict.js';
import { type MetricName, metricNames, metrics } from '../../core/measure/metrics.js';
import type { Load } from '../../core/scenario.js';
import { benjaminiHochberg, holm } from '../../core/statistics/corrections.js';
import type { Difference } from '../../core/statistics/intervals.js';
import type { Breadth, ComparedRow } from './comparison.js';

/** A row before it is judged; `difference` is that of ln(figure), head against base, undefined where a side has none. */
export interface UnjudgedRow extends Omit<ComparedRow, 'change' | 'p' | 'verdict' | 'needs'> {
  readonly difference: Difference | undefined;
}

/**
 * @param leastSamples the least number of samples with which `hypotheses` corrected together can reach `alpha`:
 * `leastForks` or `leastTrials`.
 */
export function judgeRows(
  rows: readonly UnjudgedRow[],
  alpha: number,
  leastSamples: (hypotheses: number, alpha: number) => number,
): ComparedRow[] {
  const gates = rows.filter(({ gate }) => gate !== undefined);
  const rest = rows.flatMap((row) =>
    row.gate === undefined && row.difference !== undefined ? [{ row, p: row.difference.p }] : [],
  );
  // A gate without data was declared all the same: it keeps its place in the correction.
  const gateP = holm(gates.map(({ difference }) => difference?.p ?? 1));
  const restP = benjaminiHochberg(rest.map(({ p }) => p));
  const adjusted = new Map([
    ...gates.map((row, i) => [row, gateP[i]] as const),
    ...rest.map(({ row }, i) => [row, restP[i]] as const),
  ]);
  return rows.map((row) => {
    const { difference, ...known } = row;
    if (difference === undefined) return { ...known, change: undefined, p: undefined, verdict: 'no data' };
    const p = adjusted.get(row) ?? 1;
    const judged = { ...known, change: changeOf(difference), p };
    const hypotheses = row.gate === undefined ? 1 : gates.length;
    if (hypotheses * difference.leastP > alpha)
      return { ...judged, verdict: 'needs more', needs: leastSamples(hypotheses, alpha) };
    const worse = worseUpwards(difference, metrics[row.metric].better);
    return { ...judged, verdict: judge(worse, p, Math.log1p(row.leastShare), alpha) };
  });
}

function changeOf({ estimate, ci95 }: Difference): NonNullable<ComparedRow['change']> {
  return { share: Math.expm1(estimate), low: Math.expm1(ci95.low), high: Math.expm1(ci95.high) };
}

export interface Question {
  readonly metric: MetricName;
  /** Undefined: exploratory. */
  readonly gate?: RelativeGate | undefined;
  /** Least effect of interest, as a share. */
  readonly leastShare: number;
}

/** At a given rate throughput is what was asked for, so it comes last there; without messages there is only memory. */
const usual: Readonly<Record<Load['model'], readonly MetricName[]>> = {
  closed: ['throughput', 'cpuPerDelivery', 'p50', 'p99'],
  open: ['cpuPerDelivery', 'p50', 'p99', 'throughput'],
  none: ['rss'],
};

/** A question a gate, and one for each other metric that is usual under this load. A gate brings its own least effect. */
export function questionsFor(load: Load, gates: readonly RelativeGate[], breadth: Breadth, factor = 1): Question[] {
  const named = new Set([...usual[load.model], ...gates.map(({ metric }) => metric)]);
  const all = breadth === 'all' ? new Set([...named, ...metricNames]) : named;
  return [...all].flatMap((metric): Question[] => {
    const own = gates.filter((gate) => gate.metric === metric);
    if (own.length === 0) return [{ metric, leastShare: factor * metrics[metric].leastShare }];
    return own.map((gate) => ({ metric, gate, leastShare: gate.byShare }));
  });
}
