/** Decides a relative gate by a comparison. */

import type { RelativeGate } from '../../core/gates/gate.js';
import { metrics } from '../../core/measure/metrics.js';
import type { ComparedRow, Comparison } from '../comparison/comparison.js';
import { changeText, countText, metricText } from '../wording/figure-text.js';
import { workloadLabels } from './judged-row.js';
import type { GateOutcome, Outcome } from './outcome.js';

const outcomes: Readonly<Record<ComparedRow['verdict'], Outcome>> = {
  regression: 'failed',
  improvement: 'passed',
  'small change': 'passed',
  'no change': 'passed',
  inconclusive: 'inconclusive',
  'needs more': 'needs more',
  'no data': 'failed',
};

/** For a run without a base. */
export function undecided({ text }: RelativeGate): GateOutcome {
  return {
    text,
    target: 'head against base',
    outcome: 'advisory',
    reason: 'not decided by one version alone: needs `bench ab`, which measures base and head in one job',
  };
}

/** An outcome a row that the gate decides; it is `advisory` where the sides come from different jobs. */
export function judgeRelative(gate: RelativeGate, comparison: Comparison): GateOutcome[] {
  const forks = comparison.design === 'forks';
  const own = comparison.rows.filter((row) => row.gate?.text === gate.text);
  const labels = workloadLabels(own.map(({ workload }) => workload));
  if (own.length === 0) {
    const reason = 'no data: base and head have nothing in common that it could be measured on';
    return [{ text: gate.text, target: 'head', outcome: forks ? 'failed' : 'advisory', reason }];
  }
  const noFork = forks && comparison.rows.every(({ samples }) => samples.head === 0);
  return own.map((row, i) => {
    const name = { text: gate.text, target: forks ? 'head' : row.target, workload: labels[i] };
    const reason = reasonOf(row, forks ? 'forks' : 'trials');
    if (!forks) return { ...name, outcome: 'advisory', reason: `${reason}; shown only, because the jobs differ` };
    if (!comparison.gateable) return { ...name, outcome: 'invalid', reason: `${comparison.warnings[0]} ${reason}` };
    if (noFork) return { ...name, outcome: 'invalid', reason: 'no fork was valid' };
    return { ...name, outcome: outcomes[row.verdict], reason, needs: row.needs };
  });
}

function reasonOf(row: ComparedRow, samples: 'forks' | 'trials'): string {
  const { metric, base, head, change, verdict, needs } = row;
  const { label } = metrics[metric];
  if (verdict === 'no data' || base === undefined || head === undefined || change === undefined)
    return `no data: ${base === undefined ? 'base' : 'head'} has no figure of ${label}`;
  return [
    `${label} ${changeText(change.share)} (95 % interval ${changeText(change.low)} to ${changeText(change.high)})`,
    `base ${metricText(metric, base.median)}, head ${metricText(metric, head.median)}`,
    `${countText(Math.min(row.samples.base, row.samples.head))} ${samples}`,
    verdict === 'needs more' ? `needs at least ${needs ?? 'more'} ${samples}` : verdict,
    ...(row.gate !== undefined && row.leastShare > row.gate.byShare
      ? [`judged at ${changeText(row.leastShare).slice(1)}, the noise of this machine`]
      : []),
  ].join(', ');
}
