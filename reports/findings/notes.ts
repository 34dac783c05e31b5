/** The notes on a whole run: what must be known to read its figures. */

import type { MeasuredRow, WorkloadTable } from '../fold/row.js';
import type { Result } from '../results/result-reader.js';

/** One or two sentences each, the gravest first; with texts of the file, not escaped. */
export function notesOn(result: Result, tables: readonly WorkloadTable[]): string[] {
  const rows = tables.flatMap((table) => table.rows).filter((row) => row.state === 'measured');
  return [
    ...completeness(result),
    ...result.warnings,
    ...provenance(result),
    ...calibration(result),
    ...loops(tables),
    ...clients(rows),
    ...settingsThatDiffer(rows),
  ];
}

function completeness({ end, partial }: Result): string[] {
  if (end?.interrupted)
    return ['The run was interrupted: what had finished by then is shown, targets may have unequal numbers of trials.'];
  if (end === undefined)
    return ['This is a partial run, its file has no end line: it can be read and reported, but no gate accepts it.'];
  if (partial) return ['A part of the file could not be read: it can be reported, but no gate accepts it.'];
  return [];
}

function provenance({ run: { git } }: Result): string[] {
  if (!git?.dirty) return [];
  return [
    `The working tree had changes that are not in commit ${git.commit.slice(0, 12)}: the commit alone does not reproduce this run.`,
  ];
}

/** Files of versions that knew no calibration say nothing about it. */
function calibration({ run }: Result): string[] {
  if (run.calibration === undefined) return [];
  if (run.calibration === null) return ['This machine was never calibrated: run `bench calibrate`.'];
  const { at, passed, failed } = run.calibration;
  const outcome = `${passed} of ${passed + failed.length} claims hold`;
  return [
    `Calibrated ${at.slice(0, 10)}, ${outcome}${failed.length > 0 ? `; these do not: ${failed.join('; ')}` : ''}.`,
  ];
}

function loops(tables: readonly WorkloadTable[]): string[] {
  const closed = tables.filter((table) => table.workload.load.model === 'closed').length;
  if (closed === 0) return [];
  const which = closed === tables.length ? 'Closed loop' : 'Closed loops among the workloads';
  return [
    `${which}: service time only. A closed loop waits for each reply before it sends again, so it cannot see how late messages would have been (coordinated omission); do not compare its tails with those of an open loop.`,
  ];
}

function clients(rows: readonly MeasuredRow[]): string[] {
  if (new Set(rows.map((row) => row.client)).size < 2) return [];
  return [
    'Rows differ in their client. Wire and library clients differ in cost and in what they wait for: compare the CPU of the server between them, not latency or throughput.',
  ];
}

/**
 * What could not be made equal, with who has which value. A setting that no target of a protocol records does not exist
 * there: plain WebSocket has no Socket.IO transports.
 */
function settingsThatDiffer(rows: readonly MeasuredRow[]): string[] {
  const keys = new Set(rows.flatMap((row) => Object.keys(row.settings)));
  return [...keys].flatMap((key) => {
    const holders = new Map<string, Set<string>>();
    const known = new Set(rows.filter((row) => Object.hasOwn(row.settings, key)).map((row) => row.protocol));
    for (const row of rows.filter(({ protocol }) => known.has(protocol))) {
      const value = (Object.hasOwn(row.settings, key) ? row.settings[key] : undefined) ?? 'not recorded';
      holders.set(value, (holders.get(value) ?? new Set()).add(row.target));
    }
    if (holders.size < 2) return [];
    const values = [...holders].map(([value, targets]) => `${value} (${[...targets].join(', ')})`);
    return [`Setting ${key} is not the same everywhere: ${values.join('; ')}.`];
  });
}
