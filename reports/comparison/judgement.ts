/** Owns turning differences into verdicts: gates corrected together after Holm, the rest after Benjamini-Hochberg. */

import { judge, worseUpwards } from '../../core/gates/verdict.js';
import { metrics } from '../../core/measure/metrics.js';
import { benjaminiHochberg, holm } from '../../core/statistics/corrections.js';
import type { Difference } from '../../core/statistics/intervals.js';
import type { ComparedRow } from './comparison.js';

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
  const rest = rows.filter(({ gate, difference }) => gate === undefined && difference !== undefined);
  // A gate without data was declared all the same: it keeps its place in the correction.
  const gateP = holm(gates.map(({ difference }) => difference?.p ?? 1));
  const restP = benjaminiHochberg(rest.map(({ difference }) => difference!.p));
  const adjusted = new Map([
    ...gates.map((row, i) => [row, gateP[i]!] as const),
    ...rest.map((row, i) => [row, restP[i]!] as const),
  ]);
  return rows.map((row) => {
    const { difference, ...known } = row;
    if (difference === undefined) return { ...known, change: undefined, p: undefined, verdict: 'no data' };
    const p = adjusted.get(row)!;
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
