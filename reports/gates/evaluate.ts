/** Holds a result against its gates: absolute ones, those that a comparison decides, and the contract. */

import type { AbsoluteGate, Gate } from '../../core/gates/gate.js';
import type { Comparison } from '../comparison/comparison.js';
import { type Report, summarise } from '../fold/report.js';
import type { Result } from '../results/result-reader.js';
import { judgeAbsolute } from './absolute.js';
import { judgeContract } from './contract.js';
import { type JudgedRow, judgedRows } from './judged-row.js';
import { type GateOutcome, type GateResult, gateResult } from './outcome.js';
import { judgeRelative, undecided } from './relative.js';

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
