/** The notes on a whole run: what must be known to read its figures. */

import { isAnswer } from '../../core/exchange/answer.js';
import type { MeasuredRow, WorkloadTable } from '../fold/row.js';
import { present } from '../present.js';
import type { Result } from '../results/result-reader.js';
import { settingSentence, settingsThatDiffer, versionsThatDiffer } from './fairness.js';
import { coresNote } from './server-cores.js';

/** One or two sentences each, the gravest first; with texts of the file, not escaped. */
export function notesOn(result: Result, tables: readonly WorkloadTable[]): string[] {
  const rows = tables.flatMap((table) => table.rows).filter((row) => row.state === 'measured');
  return present(
    ...urgentNotes(result),
    calibration(result),
    loops(tables),
    new Set(rows.map((row) => row.client)).size > 1 &&
      'Rows differ in their client. Wire and library clients differ in cost and in what they wait for: compare the CPU of the server between them, not latency or throughput.',
    coresNote(rows),
    ...settingsThatDiffer(tables).map(settingSentence),
    ...versionsThatDiffer(tables),
    ...rows.flatMap(besides),
  );
}

/** Of a user's own server: what it sent that was no message of the load. */
function besides({ target, counts }: MeasuredRow): string | [] {
  const others = Object.entries(counts.others ?? {}).filter(([name]) => !isAnswer(name));
  const told = others.map(([name, times]) => `${name} ${times.toLocaleString('en-US')} x`);
  return told.length === 0 ? [] : `${target} sent besides, which was counted and left alone: ${told.join(', ')}.`;
}

/** What must be known before any figure is read. */
export function urgentNotes(result: Result): string[] {
  const { git } = result.run;
  return present(
    completeness(result),
    ...result.warnings,
    git?.dirty &&
      `Uncommitted changes in the working tree: commit ${git.commit.slice(0, 12)} alone does not reproduce it.`,
  );
}

function completeness({ end, partial, isRunning }: Result): string | false {
  if (isRunning) return false;
  if (end?.interrupted)
    return 'The run was interrupted: what had finished by then is shown, targets may have unequal numbers of trials.';
  if (end === undefined)
    return 'This is a partial run, its file has no end line: it can be read and reported, but no gate accepts it.';
  return partial && 'A part of the file could not be read: it can be reported, but no gate accepts it.';
}

/** Files of versions that knew no calibration say nothing about it. */
function calibration({ run }: Result): string | undefined {
  if (run.calibration === undefined) return undefined;
  if (run.calibration === null) return 'This machine was never calibrated: run `bench calibrate`.';
  const { at, passed, failed } = run.calibration;
  const outcome = `${passed} of ${passed + failed.length} claims hold`;
  return `Calibrated ${at.slice(0, 10)}, ${outcome}${failed.length > 0 ? `; not shown to hold: ${failed.join('; ')}` : ''}.`;
}

function loops(tables: readonly WorkloadTable[]): string | undefined {
  const closed = tables.filter((table) => table.workload.load.model === 'closed').length;
  if (closed === 0) return undefined;
  const which = closed === tables.length ? 'Closed loop' : 'Closed loops among the workloads';
  return `${which}: service time only. A closed loop waits for each reply before it sends again, so it cannot see how late messages would have been (coordinated omission); do not compare its tails with those of an open loop.`;
}
