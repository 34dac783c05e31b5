/** The command `bench gate`: holds a result file against gates. */

import { type Gate, relativeGates } from '../../core/gates/gate.js';
import { quote } from '../../core/printable.js';
import { workloadKey } from '../../core/workload/workload-fields.js';
import { compareForks } from '../../reports/comparison/compare-forks.js';
import { compareTrials } from '../../reports/comparison/compare-trials.js';
import type { Comparison } from '../../reports/comparison/comparison.js';
import { formatNames, writerOf } from '../../reports/format-registry.js';
import { evaluateGates } from '../../reports/gates/evaluate.js';
import type { Result } from '../../reports/results/result-reader.js';
import { UsageError } from '../../runners/failure.js';
import { lockedBy } from '../../runners/run/destination.js';
import { gateExitCode } from '../exit-code.js';
import { command } from '../flags.js';
import { joinGates, readGates } from '../gate-texts.js';
import { overrideOptions } from '../scenario/overrides.js';
import { standardScreen } from '../screen.js';
import { beingWritten, readResultFile } from '../stored-results.js';

export const gateCommand = command({
  command: 'gate <file>',
  describe: 'Hold a result file against gates: those of its scenario and those given here',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: 'A result file (.jsonl)' })
      .option('gate', overrideOptions.gate)
      .option('baseline', { type: 'string', describe: 'A result file to compare with; differences are advisory' })
      .option('strict', { type: 'boolean', default: false, describe: 'An inconclusive comparison is exit 4, not 0' })
      .option('format', { choices: formatNames('gates'), default: 'text', describe: 'What to print' })
      .example('$0 gate result.jsonl --gate "p99 < 50ms" --gate "delivered = 100%"', 'exit 1 if one is not kept')
      .example('$0 gate result.jsonl --format junit', 'for a CI system that shows tests'),
  handler: ({ file, baseline, gate, strict, format }) => {
    const given = readGates(gate ?? [], '--gate');
    const result = gateable(file);
    const gates = joinGates(readGates(result.run.scenario.gates ?? [], `${file}: gate`), given);
    const outcome = evaluateGates(result, gates, comparisonFor(result, gates, file, baseline));
    process.stdout.write(writerOf('gates', format)(outcome, standardScreen()));
    process.exitCode = gateExitCode(outcome, strict);
  },
});

/** @throws UsageError for a file that no gate accepts. */
function gateable(file: string): Result {
  const writer = lockedBy(file);
  if (writer !== undefined)
    throw new UsageError(`${beingWritten(file, writer)}, and no gate accepts it before its end`);
  const result = readResultFile(file);
  const { end, partial } = result;
  if (result.run.scenario.search)
    throw new UsageError(
      `${file} is of a search for capacity, which tries loads that are too much; no gate applies to it`,
    );
  if (end?.interrupted) throw new UsageError(`${file} is of an interrupted run, which no gate accepts; run it again`);
  if (end === undefined) throw new UsageError(`${file} has no end line: no gate accepts a partial run; run it again`);
  if (partial) throw new UsageError(`a part of ${file} cannot be read, so no gate accepts it: ${result.warnings[0]}`);
  return result;
}

function comparisonFor(
  result: Result,
  gates: readonly Gate[],
  file: string,
  baseline: string | undefined,
): Comparison | undefined {
  const relative = relativeGates(gates);
  if (result.run.sides !== undefined) {
    if (baseline !== undefined) throw new UsageError(`${file} holds both sides of a comparison; leave --baseline out`);
    return compareForks(result, relative);
  }
  if (baseline === undefined) return undefined;
  const base = gateable(baseline);
  requireSameWork(result, base, file, baseline);
  return compareTrials([base], [result], relative);
}

/** @throws UsageError when the baseline is of something else. */
function requireSameWork(result: Result, base: Result, file: string, baseline: string): void {
  const [own, other] = [result.run.scenario, base.run.scenario];
  if (base.run.sides !== undefined)
    throw new UsageError(
      `${baseline} is a comparison of two versions already and no baseline; give a file of \`bench run\``,
    );
  if (own.name !== other.name)
    throw new UsageError(
      `${baseline} is of scenario ${quote(other.name)} and ${file} of ${quote(own.name)}; give a baseline of the same scenario`,
    );
  const works = new Set(other.workloads.map(workloadKey));
  if (!own.workloads.every((workload) => works.has(workloadKey(workload))))
    throw new UsageError(`${baseline} did other work than ${file} (load, sizes or phases differ); run both alike`);
}
