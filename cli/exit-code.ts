/** Exit codes of `bench`, and which failure ends with which. */

import type { GateResult } from '../reports/gates/outcome.js';
import { ResultError } from '../reports/results/result-error.js';
import { HarnessError, UsageError } from '../runners/failure.js';

export const exitCodes = {
  pass: 0,
  gateFailed: 1,
  usage: 2,
  invalid: 3,
  inconclusive: 4,
  interrupted: 130,
} as const;

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** Also where the user may not read a file, which the message of Node.js names. */
const isMistake = (error: unknown): error is Error =>
  error instanceof UsageError || error instanceof ResultError || codeOf(error) === 'EACCES';

/** Also where a module of ours cannot be opened, or a package be looked for, of which Node.js then says that it is not there. */
function isOutOfFiles(error: unknown): boolean {
  return codeOf(error) === 'EMFILE' || (codeOf(error) === 'ERR_MODULE_NOT_FOUND' && mayOpenFew());
}

/** Whether the limit is below what loading a command needs. */
function mayOpenFew(): boolean {
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files: { soft: number | 'unlimited' } } };
  return Number(userLimits?.open_files.soft) < 128;
}

export function exitCodeOf(error: unknown): number {
  return isMistake(error) || isOutOfFiles(error) ? exitCodes.usage : exitCodes.invalid;
}

/** @param strict a comparison that decides nothing is not good enough. */
export function gateExitCode({ exit }: GateResult, strict = false): number {
  if (exit === 'inconclusive') return strict ? exitCodes.inconclusive : exitCodes.pass;
  return { pass: exitCodes.pass, failed: exitCodes.gateFailed, invalid: exitCodes.invalid }[exit];
}

/** What to print: a sentence for a failure that is understood, the whole stack for a bug of ours. */
export function sentenceOf(error: unknown): string {
  if (isMistake(error) || error instanceof HarnessError) return `bench: ${error.message}`;
  if (isOutOfFiles(error))
    return 'bench: too few files may be open at once here; raise the limit (`ulimit -n 4096`) and start bench again';
  return `bench: this is a bug; please report it with the lines below\n${error instanceof Error ? error.stack : error}`;
}
