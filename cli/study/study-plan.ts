/** What a study is made of: its scenarios, where the result of each is kept, and which are finished. */

import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Overrides } from '../../core/scenario/schema.js';
import type { Scenario } from '../../core/scenario.js';
import type { Result } from '../../reports/results/result-reader.js';
import { UsageError } from '../../runners/failure.js';
import { problemWith } from '../../runners/run/destination.js';
import { plannedMsOf } from '../../runners/run/session.js';
import { overheadMs } from '../progress.js';
import { requireScenario, scenarioFile, shippedScenarios } from '../scenario/scenario-source.js';
import { readResultFile } from '../stored-results.js';

export interface Planned {
  /** As it is named on a command line. */
  readonly named: string;
  /** Path of the scenario. */
  readonly file: string;
  readonly scenario: Scenario;
  /** Path of its result. */
  readonly result: string;
  readonly isFinished: boolean;
}

/**
 * @param names of scenarios; none: all that ship.
 * @param again whether finished results are measured again.
 * @throws UsageError with every problem, also where a result is there that this study did not write.
 */
export async function studyPlan(
  names: readonly string[],
  folder: string,
  overrides: Overrides,
  again: boolean,
): Promise<readonly Planned[]> {
  const named = names.length > 0 ? names : shippedScenarios().map((path) => basename(path).replace(/\.ya?ml$/, ''));
  const planned = new Map<string, Planned>();
  const problems: string[] = [];
  for (const name of new Set(named))
    try {
      const one = await planOf(name, folder, overrides, again);
      const other = planned.get(one.result);
      if (other !== undefined && other.file !== one.file)
        problems.push(`${other.file} and ${one.file} have the same name; measure them into two folders with --folder`);
      planned.set(one.result, one);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problems.push(names.length === 1 ? error.message : `${name}: ${error.message}`);
    }
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return [...planned.values()];
}

async function planOf(name: string, folder: string, overrides: Overrides, again: boolean): Promise<Planned> {
  const file = scenarioFile(name);
  const scenario = await requireScenario(name, overrides);
  const result = join(folder, `${scenario.name}.jsonl`);
  const problem = problemWith({ path: result, force: true, option: '--folder', inputs: [file] });
  if (problem) throw problem;
  const stored = again ? undefined : finished(result);
  if (stored !== undefined && !isSameWork(stored.run.scenario, scenario))
    throw new UsageError(
      `${result} was measured with another scenario or other flags: replace it with --again, or choose another --folder`,
    );
  return { named: name, file, scenario, result, isFinished: stored !== undefined };
}

/** @returns undefined where there is no result, or one that was interrupted. @throws UsageError where it cannot be read. */
export function finished(path: string): Result | undefined {
  if (problemWith({ path }) === undefined) return undefined;
  const result = readResultFile(path);
  return result.partial || result.end?.interrupted !== false ? undefined : result;
}

/** What all trials of a scenario are expected to take, until some have been timed. */
export function expectedMsOf({ targets, workloads, trials, search }: Scenario): number {
  if (search) return search.budgetMs;
  const onceMs = workloads.reduce((sum, workload) => sum + overheadMs + plannedMsOf(workload), 0);
  return targets.length * trials * onceMs;
}

/** A scenario is stored with its question cut, and without what is undefined. */
function isSameWork(stored: Scenario, wanted: Scenario): boolean {
  const plain = (scenario: Scenario): unknown => JSON.parse(JSON.stringify({ ...scenario, question: '' }));
  return isDeepStrictEqual(plain(stored), plain(wanted));
}
