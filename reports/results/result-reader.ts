/** Reads a result file: every whole line that can be trusted is kept, everything else is named in a warning. */

import type { z } from 'zod';
import {
  type EndLine,
  endLineSchema,
  type RunLine,
  runLineSchema,
  schemaVersion,
  type TrialLine,
  trialLineSchema,
} from '../../core/result.js';
import { terminalText } from '../drawing/escaping.js';
import { ResultError } from './result-error.js';

/** Characters of a whole file; a run of an hour stays far below. */
export const maxFileChars = 64 * 1024 * 1024;
/** Characters of one line: three full histograms and a long timeline fit. */
export const maxLineChars = 2 * 1024 * 1024;
const maxTrials = 20_000;
const maxWarnings = 100;

export interface Result {
  readonly run: RunLine;
  readonly trials: readonly TrialLine[];
  readonly end?: EndLine;
  /** The run did not finish, or a part of the file could not be read: reportable, never gateable. */
  readonly partial: boolean;
  /** What was dropped from the file and why, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Reads the text of a result file.
 *
 * @param file how messages call the file; never opened.
 * @throws ResultError when the file is empty or too large, does not begin with a run line, or has a major schema that
 * this tool does not read.
 */
export function readResult(text: string, file: string): Result {
  if (text.length > maxFileChars)
    throw new ResultError(`${file} is larger than ${maxFileChars / 2 ** 20} MiB; give a result file of a single run.`);
  // A byte order mark is left by some editors.
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  const trials: TrialLine[] = [];
  const warnings: string[] = [];
  let run: RunLine | undefined;
  let end: EndLine | undefined;
  let dropped = 0;
  for (const [index, line] of lines.entries()) {
    const where = `${file}, line ${index + 1}`;
    if (line.trim() === '') continue;
    if (run === undefined) {
      run = readRun(line, where);
      continue;
    }
    const read = end === undefined ? readLine(line, index === lines.length - 1) : 'it comes after the end of the run';
    if (typeof read === 'string') {
      if (++dropped <= maxWarnings) warnings.push(`${where} was dropped: ${read}.`);
    } else if (read.type === 'end') end = read;
    else if (trials.push(read) > maxTrials)
      throw new ResultError(`${file} has more than ${maxTrials} trials; give a result file of a single run.`);
  }
  if (run === undefined) throw new ResultError(`${file} is empty; give a result file written by \`bench run\`.`);
  if (dropped > maxWarnings) warnings.push(`${file}: ${dropped - maxWarnings} more lines were dropped.`);
  const partial = end === undefined || dropped > 0;
  return end === undefined ? { run, trials, partial, warnings } : { run, trials, end, partial, warnings };
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
function readLine(line: string, last: boolean): TrialLine | EndLine | string {
  const value = parse(line, last);
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

/** The first thing that the schema found wrong, with the path of the field. */
function complaint(error: z.ZodError): string {
  const [wrong = 'it is not as it should be'] = error.issues.slice(0, 1).map((issue) => {
    const path = terminalText(issue.path.map(String).join('.'), 200);
    const message = terminalText(issue.message, 200);
    return path === '' ? message : `${path}: ${message}`;
  });
  return wrong;
}
