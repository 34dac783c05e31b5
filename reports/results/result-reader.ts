/** Reads a result file: every whole line that can be trusted is kept, everything else is named in a warning. */

import {
  type EndLine,
  endLineSchema,
  maxLineChars,
  type RunLine,
  runLineSchema,
  schemaVersion,
  type TrialLine,
  trialLineSchema,
} from '../../core/result.js';
import { complaint } from '../../core/stored-value.js';
import { type ReadTrial, ReadTrials } from './read-trial.js';
import { ResultError } from './result-error.js';

const maxWarnings = 100;

export interface Result {
  readonly run: RunLine;
  readonly trials: readonly ReadTrial[];
  readonly end?: EndLine;
  /** The run did not finish, or a part of the file could not be read: reportable, never gateable. */
  readonly partial: boolean;
  /** Of a run that goes on: these are the trials that have ended so far. */
  readonly isRunning?: true;
  /** What was dropped from the file and why, one sentence each. */
  readonly warnings: readonly string[];
}

/** The text of a result file, or the pieces of any length that it is read in, which need not be in memory together. */
export type Pieces = string | Iterable<string>;

/**
 * Reads a result file.
 *
 * @param file how messages call the file; never opened.
 * @throws ResultError when the file is empty, does not begin with a run line, or has a major schema that this tool does
 * not read.
 */
export function readResult(pieces: Pieces, file: string): Result {
  const lines = linesOf(pieces);
  const { run, number } = firstLine(lines, file);
  const trials = new ReadTrials();
  const warnings: string[] = [];
  let end: EndLine | undefined;
  let dropped = 0;
  let at = number;
  for (const line of lines) {
    at++;
    if (line.trim() === '') continue;
    const read = end === undefined ? readLine(line) : 'it comes after the end of the run';
    if (typeof read === 'string') {
      if (++dropped <= maxWarnings) warnings.push(`${file}, line ${at} was dropped: ${read}.`);
    } else if (read.type === 'end') end = read;
    else trials.add(read);
  }
  if (dropped > maxWarnings) warnings.push(`${file}: ${dropped - maxWarnings} more lines were dropped.`);
  const partial = end === undefined || dropped > 0;
  return { run, trials: trials.all, ...(end && { end }), partial, warnings };
}

/** Reads the first line alone. @throws ResultError as `readResult` does. */
export function readRunLine(pieces: Pieces, file: string): RunLine {
  return firstLine(linesOf(pieces), file).run;
}

/** Each with its end, which only the last may lack; of one that is too long, as much as shows that it is. */
function* linesOf(pieces: Pieces): Generator<string, void> {
  let line = '';
  for (const piece of typeof pieces === 'string' ? [pieces] : pieces)
    for (let from = 0, to = 0; from < piece.length; from = to) {
      to = piece.indexOf('\n', from) + 1 || piece.length;
      if (line.length <= maxLineChars) line += piece.slice(from, Math.min(to, from + maxLineChars + 1));
      if (piece[to - 1] !== '\n') continue;
      yield line;
      line = '';
    }
  if (line !== '') yield line;
}

function firstLine(lines: Generator<string, void>, file: string): { readonly run: RunLine; readonly number: number } {
  for (let number = 1; ; number++) {
    const { value, done } = lines.next();
    if (done) throw new ResultError(`${file} is empty; give a result file written by \`bench run\`.`);
    // A byte order mark is left by some editors.
    const line = number === 1 ? value.replace(/^\uFEFF/, '') : value;
    if (line.trim() !== '') return { run: readRun(line, `${file}, line ${number}`), number };
  }
}

function readRun(line: string, where: string): RunLine {
  const remedy = 'give a result file written by `bench run`';
  const value = parse(line, false);
  if (typeof value === 'string') throw new ResultError(`${where} is not a run line (${value}); ${remedy}.`);
  if (value['type'] !== 'run')
    throw new ResultError(`${where} is not a run line, with which every result file begins; ${remedy}.`);
  const schema = value['schema'];
  if (schema !== schemaVersion) {
    const found = typeof schema === 'number' ? `schema ${schema}` : 'no schema number';
    throw new ResultError(
      `${where} has ${found}, but this tool reads schema ${schemaVersion}; report it with the version of bench that wrote it, or run the scenario again.`,
    );
  }
  const run = runLineSchema.safeParse(value);
  if (!run.success) throw new ResultError(`${where} is not a whole run line (${complaint(run.error)}); ${remedy}.`);
  return run.data;
}

/** @returns the line, or why it cannot be used. */
function readLine(line: string): TrialLine | EndLine | string {
  const value = parse(line, !line.endsWith('\n'));
  if (typeof value === 'string') return value;
  const type = value['type'];
  if (type === 'run') return 'a second run begins there';
  if (type !== 'trial' && type !== 'end') return 'it is neither a trial nor the end of a run';
  const read = type === 'trial' ? trialLineSchema.safeParse(value) : endLineSchema.safeParse(value);
  return read.success ? read.data : complaint(read.error);
}

/** @returns a JSON object, or why it is none. */
function parse(line: string, last: boolean): Record<string, unknown> | string {
  if (line.length > maxLineChars) return `it is longer than ${maxLineChars / 2 ** 20} MiB`;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return last ? 'it is not whole, the file was cut there' : 'it is not JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is not a JSON object';
  return value as Record<string, unknown>;
}
