/** Where result files are: the flags that say where one is written, and every one below a folder, none of which is trusted. */

import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { getHeapStatistics } from 'node:v8';
import type { RunLine } from '../core/result.js';
import { isTargetPath } from '../core/target.js';
import { ResultError } from '../reports/results/result-error.js';
import { type Pieces, type Result, readResult, readRunLine } from '../reports/results/result-reader.js';
import { UsageError } from '../runners/failure.js';
import { type Destination, lockedBy, requireFree } from '../runners/run/destination.js';

/** Where runs are kept unless `--out` says otherwise. */
export const resultsFolder = 'results';

/** For every command that writes files. @param namedBy what names them on the command line. */
export const forceOption = (namedBy: string) =>
  ({ type: 'boolean', default: false, describe: `Replace the file that ${namedBy} names if it exists` }) as const;

export const outOptions = {
  out: { type: 'string', describe: 'Result file (default: results/<scenario>/<time>-<commit>.jsonl)' },
  force: forceOption('--out'),
} as const;

export interface OutFlags {
  readonly out?: string | undefined;
  readonly force: boolean;
}

/**
 * @param scenario path of its file.
 * @param targets names, or paths of modules.
 * @throws UsageError when the result file must not be written there.
 */
export function destination({ out, force }: OutFlags, scenario: string, targets: readonly string[]) {
  if (out === undefined) return undefined;
  const wanted: Destination = { path: out, force, inputs: [scenario, ...targets.filter(isTargetPath)] };
  requireFree(wanted);
  return wanted;
}

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
  const writer = lockedBy(path);
  try {
    const result = withPieces(path, (pieces) => readResult(pieces, path));
    if (writer === undefined) return result;
    return { ...result, partial: true, warnings: [`${beingWritten(path, writer)}.`, ...result.warnings] };
  } catch (error) {
    if (writer === undefined || !(error instanceof ResultError)) throw error;
    throw new ResultError(`${beingWritten(path, writer)}, and cannot be read yet.`);
  }
}

/** A sentence without its end, for a file that a run has locked. */
export function beingWritten(path: string, writer: number): string {
  return `${path} is being written by process ${writer}`;
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
      const run = withPieces(path, (pieces) => readRunLine(pieces, path));
      if (!wanted(run)) continue;
      scenarios.add(run.scenario.name);
      if (scenario === undefined || run.scenario.name === scenario) results.push(readResultFile(path));
    } catch (error) {
      if (!(error instanceof ResultError || error instanceof UsageError)) throw error;
      unreadable.push(error.message);
    }
  const more = unreadable.length > 1 ? ` (and ${unreadable.length - 1} more)` : '';
  const leftOut = unreadable.slice(0, 1).map((sentence) => `A file was left out: ${sentence}${more}`);
  return { results, leftOut, scenarios: [...scenarios].sort() };
}

/** @throws UsageError when there is no such folder. */
export function resultFiles(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`there is no folder ${folder} with results; \`bench run\` writes them to results/`);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.jsonl'))
    .toSorted()
    .map((path) => join(folder, path));
}

const pieceBytes = 64 * 1024;

/** Calls `read` with the text of a file, piece by piece, so that what is not kept of it takes no memory. */
function withPieces<Read>(path: string, read: (pieces: Pieces) => Read): Read {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) throw new UsageError(`there is no result file ${path}`);
  // What is kept of a trial, histograms aside, takes up to twice the length of its line.
  if (stat.size > getHeapStatistics().heap_size_limit / 2)
    throw new UsageError(
      `${path} may not fit into the memory of this process: give Node more, e.g. NODE_OPTIONS=--max-old-space-size=8192`,
    );
  const file = openSync(path, 'r');
  try {
    return read(piecesOf(file));
  } finally {
    closeSync(file);
  }
}

function* piecesOf(file: number): Generator<string> {
  const decoder = new StringDecoder('utf8');
  const buffer = Buffer.alloc(pieceBytes);
  for (let bytes = readSync(file, buffer); bytes > 0; bytes = readSync(file, buffer))
    yield decoder.write(buffer.subarray(0, bytes));
  yield decoder.end();
}
