/** The rows that gates are held against: who each is, and why its figures cannot stand where they cannot. */

import type { Workload } from '../../core/scenario.js';
import { workloadKey } from '../../core/workload/workload-fields.js';
import type { Row } from '../fold/row.js';
import { workloadLabels } from '../heading.js';
import { invalidText } from '../reasons/reasons.js';
import type { Report } from '../report.js';
import type { ReadTrial } from '../results/read-trial.js';
import type { Result } from '../results/result-reader.js';
import type { GateOutcome } from './outcome.js';

export interface JudgedRow {
  readonly row: Row;
  readonly name: Pick<GateOutcome, 'target' | 'workload'>;
  readonly workload: Workload;
  /** Why nothing that was measured here can stand. */
  readonly obstacle?: Pick<GateOutcome, 'outcome' | 'reason'> | undefined;
}

export function judgedRows(result: Result, { tables }: Report): JudgedRow[] {
  const labels = workloadLabels(tables.map(({ workload }) => workload));
  return tables.flatMap(({ workload, rows }, i) => {
    const key = workloadKey(workload);
    const trials = result.trials.filter((trial) => workloadKey(trial.workload) === key);
    return rows.map((row) => {
      const own = trials.filter(({ target, client }) => target === row.target && client === row.client);
      const name = { target: row.target, workload: labels[i] };
      return { row, name, workload, obstacle: obstacleOf(row, own, result) };
    });
  });
}

function obstacleOf(row: Row, trials: readonly ReadTrial[], { run }: Result): JudgedRow['obstacle'] {
  if (row.state === 'no valid trial') return invalid(`${row.reason}${firstReason(trials)}`);
  if (row.state !== 'measured') return { outcome: 'failed', reason: `no data: ${row.state}, ${row.reason}` };
  return run.sides === undefined ? trialObstacle(row.trialsPlanned, trials) : forkObstacle(trials);
}

/** Every planned trial must be there, and valid in one of its attempts. */
function trialObstacle(planned: number, trials: readonly ReadTrial[]): JudgedRow['obstacle'] {
  const blocks = new Set(trials.map(({ block }) => block));
  const valid = new Set(trials.filter((trial) => trial.valid).map(({ block }) => block));
  if (valid.size < blocks.size) {
    const lost = trials.filter(({ block }) => !valid.has(block));
    return invalid(`${blocks.size - valid.size} of ${blocks.size} trials stayed invalid${firstReason(lost)}`);
  }
  if (blocks.size < planned)
    return { outcome: 'failed', reason: `no data: the file holds ${blocks.size} of ${planned} trials` };
  return undefined;
}

/** An invalid fork is replaced by a later one; if most are, the machine had no time for the measurement. */
function forkObstacle(trials: readonly ReadTrial[]): JudgedRow['obstacle'] {
  const bad = trials.filter(({ valid }) => !valid);
  if (bad.length <= trials.length - bad.length) return undefined;
  return invalid(`${bad.length} of ${trials.length} attempts at a fork were invalid${firstReason(bad)}`);
}

function invalid(reason: string): JudgedRow['obstacle'] {
  return { outcome: 'invalid', reason };
}

function firstReason(trials: readonly ReadTrial[]): string {
  const [first, ...others] = trials.filter(({ valid }) => !valid);
  return `${others.length > 0 ? '; the first' : ''}: ${invalidText(first?.invalidBecause ?? [], first?.counts.errors)}`;
}
