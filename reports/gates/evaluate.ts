/** Holds a result against its gates: absolute ones, those that a comparison decides, and the contract. */

import type { AbsoluteGate, Gate, RelativeGate } from '../../core/gates/gate.js';
import { metrics } from '../../core/measure/metrics.js';
import { formatCount } from '../../core/units.js';
import type { ComparedRow, Comparison } from '../comparison/comparison.js';
import { workloadLabels } from '../heading.js';
import { type Report, summarise } from '../report.js';
import type { Result } from '../results/result-reader.js';
import { changeText, metricText } from '../wording/figure-text.js';
import { type JudgedRow, judgedRows } from './judged-row.js';
import { type GateOutcome, type GateResult, gateResult, type Outcome } from './outcome.js';
import { judgeAbsolute, judgeContract } from './row-gates.js';

/**
 * Of a `bench ab` file it is head that is judged; what base does wrong is told and decides nothing, or no commit could
 * mend it.
 *
 * @param result whole: the caller has refused partial and interrupted ones
 * @param gates those of the scenario and any others, each once
 * @param comparison what decides the relative ones, made with them; undefined: nothing does
 * @param report of this result, where it is made already
 */
export function evaluateGates(
  result: Result,
  gates: readonly Gate[],
  comparison?: Comparison,
  report: Report = summarise(result),
): GateResult {
  const outcomes = [
    ...judgedRows(result, report).flatMap((judged) => rowOutcomes(judged, gates, result)),
    ...gates.flatMap((gate) => {
      if (gate.is === 'absolute') return [];
      return comparison === undefined ? [undecided(gate)] : judgeRelative(gate, comparison);
    }),
  ];
  return gateResult(result.run.scenario.name, outcomes);
}

function rowOutcomes(judged: JudgedRow, gates: readonly Gate[], { run }: Result): GateOutcome[] {
  const contract = judgeContract(gates, judged);
  if (run.sides !== undefined && judged.row.target === 'base')
    return contract.outcome === 'failed'
      ? [{ ...contract, outcome: 'advisory', reason: `${contract.reason}; only head is judged` }]
      : [];
  const absolute = gates.filter((gate): gate is AbsoluteGate => gate.is === 'absolute');
  return [contract, ...absolute.map((gate) => judgeAbsolute(gate, judged))];
}

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
    const reason = reasonOf(row, forks ? 'fork' : 'trial');
    if (!forks) return { ...name, outcome: 'advisory', reason: `${reason}; shown only, because the jobs differ` };
    if (!comparison.gateable) return { ...name, outcome: 'invalid', reason: `${comparison.warnings[0]} ${reason}` };
    if (noFork) return { ...name, outcome: 'invalid', reason: 'no fork was valid' };
    return { ...name, outcome: outcomes[row.verdict], reason, needs: row.needs };
  });
}

function reasonOf(row: ComparedRow, sample: 'fork' | 'trial'): string {
  const { metric, base, head, change, verdict, needs } = row;
  const { label } = metrics[metric];
  if (verdict === 'no data' || base === undefined || head === undefined || change === undefined)
    return `no data: ${base === undefined ? 'base' : 'head'} has no figure of ${label}`;
  return [
    `${label} ${changeText(change.share)} (95 % interval ${changeText(change.low)} to ${changeText(change.high)})`,
    `base ${metricText(metric, base.median)}, head ${metricText(metric, head.median)}`,
    formatCount(Math.min(row.samples.base, row.samples.head), sample),
    verdict === 'needs more' ? `needs at least ${needs ?? 'more'} ${sample}s` : verdict,
    ...(row.gate !== undefined && row.leastShare > row.gate.byShare
      ? [`judged at ${changeText(row.leastShare).slice(1)}, the noise of this machine`]
      : []),
  ].join(', ');
}
