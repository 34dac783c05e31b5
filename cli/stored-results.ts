/** Finds stored results: every result file below a folder, none of which is trusted. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunLine } from '../core/result.js';
import { ResultError } from '../reports/results/result-error.js';
import { maxFileChars, type Result, readResult } from '../reports/results/result-reader.js';
import { UsageError } from '../runners/failure.js';

/** Where runs are kept unless `--out` says otherwise. */
export const resultsFolder = 'results';

export interface StoredResults {
  /** By path: of one scenario that is by time. */
  readonly results: readonly Result[];
  /** What was left out because it is no result file: one sentence, or none. */
  readonly leftOut: readonly string[];
  /** Names of all scenarios there are, also of those not asked for, sorted. */
  readonly scenarios: readonly string[];
}

/** @throws UsageError when there is no such file or it is too large; ResultError when it is no result file. */
export function readResultFile(path: string): Result {
  return readResult(textOf(path), path);
}

/**
 * Results below `folder` of which the first line is `wanted` and of the scenario; the others are not read further.
 *
 * @param scenario undefined: of all.
 * @throws UsageError when there is no such folder.
 */
export function storedResults(
  folder: string,
  scenario: string | undefined,
  wanted: (run: RunLine) => boolean = () => true,
): StoredResults {
  const results: Result[] = [];
  const unreadable: string[] = [];
  const scenarios = new Set<string>();
  for (const path of resultFiles(folder))
    try {
      const text = textOf(path);
      const [first = ''] = text.split('\n', 1);
      const { run } = readResult(first, path);
      if (!wanted(run)) continue;
      scenarios.add(run.scenario.name);
      if (scenario === undefined || run.scenario.name === scenario) results.push(readResult(text, path));
    } catch (error) {
      if (!(error instanceof ResultError || error instanceof UsageError)) throw error;
      unreadable.push(error.message);
    }
  const more = unreadable.length > 1 ? ` (and ${unreadable.length - 1} more)` : '';
  const leftOut = unreadable.slice(0, 1).map((sentence) => `A file was left out: ${sentence}${more}`);
  return { results, leftOut, scenarios: [...scenarios].sort() };
}

function resultFiles(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`there is no folder ${folder} with results; \`bench run\` writes them to results/`);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.jsonl'))
    .toSorted()
    .map((path) => join(folder, path));
}

function textOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) throw new UsageError(`there is no result file ${path}`);
  if (stat.size > maxFileChars) throw new UsageError(`${path} is larger than any result file of ours can be`);
  return readFileSync(path, 'utf8');
}
