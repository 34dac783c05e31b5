/** The command `bench compare`: compares stored results of two versions, or prints a comparison made by `bench ab`. */

import { statSync } from 'node:fs';
import { type Gate, relativeGates } from '../../core/gates/gate.js';
import { parseGate } from '../../core/gates/gate-syntax.js';
import { compareForks } from '../../reports/comparison/compare-forks.js';
import { compareTrials } from '../../reports/comparison/compare-trials.js';
import type { Breadth, Comparison } from '../../reports/comparison/comparison.js';
import { formatNames, writerOf } from '../../reports/format-registry.js';
import { evaluateGates } from '../../reports/gates/evaluate.js';
import { brokenContract } from '../../reports/gates/row-gates.js';
import type { Result } from '../../reports/results/result-reader.js';
import { UsageError } from '../../runners/failure.js';
import { comparedResults } from '../compared-results.js';
import { command } from '../flags.js';
import { openOption, output, outputOption } from '../output/output-file.js';
import { standardScreen } from '../screen.js';
import { forceOption, readResultFile } from '../stored-results.js';

export const compareCommand = command({
  command: 'compare <base> [head]',
  describe: 'Compare two stored results, or print a comparison made by `bench ab`',
  builder: (yargs) =>
    yargs
      .positional('base', {
        type: 'string',
        demandOption: true,
        describe: 'A result file, a folder of them, or a git revision with stored results',
      })
      .positional('head', { type: 'string', describe: 'The same; not with a file of `bench ab`, which has both sides' })
      .option('scenario', { type: 'string', describe: 'Which one, where there are results of several' })
      .option('all', { type: 'boolean', default: false, describe: 'p90, p95, p99.9 and memory too' })
      .option('format', { choices: formatNames('comparison'), default: 'text', describe: 'What to print' })
      .option('out', outputOption)
      .option('force', forceOption('--out'))
      .option('open', openOption)
      .example('$0 compare main HEAD --scenario echo', 'what is stored of two commits')
      .example('$0 compare before.jsonl after.jsonl --format markdown', 'a table for a pull request'),
  handler: async (flags) => {
    const { base, head, scenario, all } = flags;
    const breadth = all ? 'all' : 'usual';
    const comparison = head === undefined ? oneFile(base, breadth) : await twoSides(base, head, scenario, breadth);
    const inputs = head === undefined ? [base] : [base, head];
    output(flags, 'comparison', { inputs, name: 'comparison' }, (format) =>
      writerOf('comparison', format)(comparison, standardScreen()),
    );
  },
});

function oneFile(path: string, breadth: Breadth): Comparison {
  const remedy = 'give a second result file, folder or revision to compare with';
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    throw new UsageError(`${path} is no result file, and only a file of \`bench ab\` has both sides; ${remedy}`);
  const result = readResultFile(path);
  if (result.run.sides === undefined)
    throw new UsageError(`${path} is a single run (\`bench report\` prints it); ${remedy}`);
  const gates = gatesOf([result]);
  const compared = compareForks(result, relativeGates(gates), undefined, breadth);
  return { ...compared, broken: brokenContract(evaluateGates(result, gates)) };
}

async function twoSides(
  base: string,
  head: string,
  scenario: string | undefined,
  breadth: Breadth,
): Promise<Comparison> {
  const [from, to] = [await comparedResults(base, scenario), await comparedResults(head, scenario)];
  requireTrials(base, from.results);
  requireTrials(head, to.results);
  const comparison = compareTrials(from.results, to.results, relativeGates(gatesOf(to.results)), breadth);
  if (comparison.rows.length === 0)
    throw new UsageError(
      `${base} and ${head} cannot be compared: no target did the same kind of work, in the same kind of loop, in both`,
    );
  return {
    ...comparison,
    base: { ...comparison.base, label: base },
    head: { ...comparison.head, label: head },
    warnings: [...comparison.warnings, ...from.notices, ...to.notices],
  };
}

function requireTrials(name: string, results: readonly Result[]): void {
  if (results.some(({ trials }) => trials.length > 0)) return;
  const why = results.flatMap(({ warnings }) => warnings)[0];
  throw new UsageError(`${name} holds no trial that can be read${why === undefined ? '' : `: ${why}`}`);
}

/** Those that the scenarios declared; what cannot be read decides nothing here. */
function gatesOf(results: readonly Result[]): Gate[] {
  const texts = new Set(results.flatMap(({ run }) => run.scenario.gates ?? []));
  return [...texts].map(parseGate).filter((gate) => 'is' in gate);
}
