/** Finds what one side of a comparison names: a result file, a folder of them, or a git revision's stored ones. */

import { statSync } from 'node:fs';
import { quote } from '../core/printable.js';
import type { RunLine } from '../core/result.js';
import { terminalText } from '../reports/drawing/escaping.js';
import type { Result } from '../reports/results/result-reader.js';
import { UsageError } from '../runners/failure.js';
import { GitError, git } from '../runners/revisions/git.js';
import { readResultFile, resultsFolder, type StoredResults, storedResults } from './stored-results.js';

export interface ComparedResults {
  /** At least one, all of one scenario and of one version each. */
  readonly results: readonly Result[];
  /** What was left out, a sentence each. */
  readonly notices: readonly string[];
}

/**
 * A file or folder of that name wins over a revision.
 *
 * @param scenario only results of that scenario; undefined: whichever it is, if it is one
 * @throws UsageError, ResultError when there is nothing to compare, or more than one scenario to choose from
 */
export async function comparedResults(name: string, scenario: string | undefined): Promise<ComparedResults> {
  const stat = statSync(name, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return inFolder(name, scenario);
  return stat === undefined ? ofRevision(name, scenario) : inFile(name, scenario);
}

function inFile(path: string, scenario: string | undefined): ComparedResults {
  const result = readResultFile(path);
  if (result.run.sides !== undefined)
    throw new UsageError(`${path} is a comparison of two versions already; print it with \`bench compare ${path}\``);
  if (scenario !== undefined && result.run.scenario.name !== scenario)
    throw new UsageError(
      `${path} is of scenario ${quote(result.run.scenario.name)}, not of --scenario ${quote(scenario)}`,
    );
  return { results: [result], notices: [] };
}

function inFolder(folder: string, scenario: string | undefined): ComparedResults {
  const stored = lookUp(folder, scenario);
  return { results: requireOne(stored, folder, scenario, '`bench run` writes them'), notices: stored.leftOut };
}

async function ofRevision(revision: string, scenario: string | undefined): Promise<ComparedResults> {
  const commit = await commitOf(revision);
  const short = commit.slice(0, 12);
  const what = `${quote(revision)} (commit ${short})`;
  const stored = lookUp(resultsFolder, scenario, (run) => run.git?.commit === commit);
  const remedy =
    `make them with \`git switch --detach ${short}\` and \`bench run ${terminalText(scenario ?? '<scenario>', 60)}\`, ` +
    'or measure both versions in one job with `bench ab`';
  const results = requireOne(stored, what, scenario, remedy);
  const clean = results.filter(({ run }) => !run.git?.dirty);
  const dirty = results.length - clean.length;
  if (clean.length === 0 || dirty === 0) return { results, notices: [] };
  const left = `${dirty} ${dirty === 1 ? 'result' : 'results'} of ${what}`;
  return { results: clean, notices: [`${left} left out: measured with changes that are not in the commit.`] };
}

/** `bench ab` files are comparisons already and no side of one. */
function lookUp(folder: string, scenario: string | undefined, wanted?: (run: RunLine) => boolean): StoredResults {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return { results: [], leftOut: [], scenarios: [] };
  return storedResults(folder, scenario, (run) => run.sides === undefined && (wanted?.(run) ?? true));
}

function requireOne(
  { results, scenarios }: StoredResults,
  what: string,
  scenario: string | undefined,
  remedy: string,
): readonly Result[] {
  const list = scenarios.map(quote).join(', ');
  if (results.length === 0) {
    const of = scenario === undefined ? '' : ` of scenario ${quote(scenario)}`;
    const there = scenarios.length === 0 ? '' : `, only of ${list}`;
    throw new UsageError(`there are no stored results of ${what}${of}${there}; ${remedy}`);
  }
  if (scenario === undefined && scenarios.length > 1)
    throw new UsageError(`${what} has results of several scenarios, ${list}; choose one with --scenario`);
  return results;
}

async function commitOf(revision: string): Promise<string> {
  try {
    return await git(process.cwd(), ['rev-parse', '--verify', `${revision}^{commit}`], new AbortController().signal);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const reason = terminalText(error.message, 200);
    throw new UsageError(
      `there is no result file or folder ${quote(revision)}, and as a git revision it is not known here (git: ${reason})`,
    );
  }
}
