/** When `bench ab` looks at its forks, whether what it sees then is enough, and what is said at the end. */

import { type Gate, type RelativeGate, relativeGates } from '../../core/gates/gate.js';
import type { Look } from '../../core/result.js';
import { compareForks } from '../../reports/comparison/compare-forks.js';
import { type Comparison, lookAt, usualAlpha, usualLooks } from '../../reports/comparison/comparison.js';
import { explain } from '../../reports/comparison/explanation.js';
import { validForks } from '../../reports/comparison/sample.js';
import { maxSamples } from '../../reports/comparison/warnings.js';
import { jsonText } from '../../reports/drawing/escaping.js';
import { writerOf } from '../../reports/format-registry.js';
import { evaluateGates } from '../../reports/gates/evaluate.js';
import type { GateResult } from '../../reports/gates/outcome.js';
import { brokenContract } from '../../reports/gates/row-gates.js';
import type { Result } from '../../reports/results/result-reader.js';
import type { AbOutcome } from '../../runners/ab/ab-run.js';
import { UsageError } from '../../runners/failure.js';
import { exitCodes, gateExitCode } from '../exit-code.js';
import { standardScreen } from '../screen.js';
import { readResultFile } from '../stored-results.js';

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
interface Sight {
  readonly comparison: Comparison;
  readonly judged: GateResult;
  /** More forks could change nothing that a gate asks. */
  readonly decided: boolean;
}

export function look(result: Result, gates: readonly Gate[], { alpha }: Look): Sight {
  const relative = relativeGates(gates);
  const compared = compareForks(result, relative, alpha);
  const judged = evaluateGates(result, gates, compared);
  const comparison = { ...compared, broken: brokenContract(judged) };
  return { comparison, judged, decided: comparison.broken !== undefined || isDecided(comparison, relative) };
}

/** Whether every gate that compares with base has a verdict. */
export function isDecided({ rows }: Pick<Comparison, 'rows'>, gates: readonly RelativeGate[]): boolean {
  const open = ['inconclusive', 'needs more', 'no data'];
  const decided = rows.filter(({ gate, verdict }) => gate !== undefined && !open.includes(verdict));
  return decided.length >= gates.length;
}

interface Conclusion {
  readonly comparison: Comparison;
  /** For standard output: a document by itself in every format but text. */
  readonly text: string;
  readonly code: number;
  /** Why the measurement is invalid, a sentence. */
  readonly invalidity?: string | undefined;
}

export function conclude(
  { path, interrupted, profiled }: AbOutcome,
  looks: readonly Look[],
  gates: readonly Gate[],
  { strict, format }: { readonly strict: boolean; readonly format: string },
): Conclusion {
  const result = readResultFile(path);
  const valid = validForks(result.trials).length;
  const judged = look(result, gates, lookAt(valid, { looks }));
  const kind = result.run.scenario.workloads[0]?.kind ?? 'echo';
  const comparison = profiled ? { ...judged.comparison, explanation: explain(profiled, kind) } : judged.comparison;
  const sight = { ...judged, comparison };
  const text = documentOf(sight, format);
  if (interrupted) return { comparison, text, code: exitCodes.interrupted };
  if (comparison.broken !== undefined) return { comparison, text, code: exitCodes.gateFailed };
  // What was given up before a look was reached is no fault of head's, whatever gates have no data.
  const aim = looks.find(({ forks }) => forks > valid)?.forks;
  const isEnough = looks.some(({ forks }) => forks <= valid) && (sight.decided || aim === undefined);
  if (isEnough) return { comparison, text, code: gateExitCode(sight.judged, strict) };
  const invalidity = `the measurement is invalid: only ${valid} of ${aim} forks could be used before bench gave up`;
  return { comparison, text, code: exitCodes.invalid, invalidity };
}

function documentOf({ comparison, judged }: Sight, format: string): string {
  const screen = standardScreen();
  if (format === 'json') return jsonText({ comparison, gates: judged });
  const gates = writerOf('gates', format)(judged, screen);
  return format === 'junit' ? gates : `${writerOf('comparison', format)(comparison, screen)}\n${gates}`;
}
