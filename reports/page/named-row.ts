/** Rows of a report with the names that charts call them by, and the valid trials behind them. */

import { workloadKey } from '../../core/workload/workload-fields.js';
import type { MeasuredRow, WorkloadTable } from '../fold/row.js';
import type { ReadTrial } from '../results/read-trial.js';
import { measuredRows } from '../table-spec.js';

export interface NamedRow {
  readonly name: string;
  readonly row: MeasuredRow;
  readonly trials: readonly ReadTrial[];
}

export type NameOf = (row: { readonly target: string; readonly client?: string | undefined }) => string;

/** The target, and the client where a target was measured by several. */
export function rowNames(tables: readonly WorkloadTable[]): NameOf {
  const clients = new Map<string, Set<string | undefined>>();
  for (const { target, client } of tables.flatMap(({ rows }) => rows))
    clients.set(target, (clients.get(target) ?? new Set()).add(client));
  return ({ target, client }) => ((clients.get(target)?.size ?? 0) > 1 && client ? `${target} (${client})` : target);
}

export function namedRows(table: WorkloadTable, nameOf: NameOf, trials: readonly ReadTrial[]): NamedRow[] {
  const key = workloadKey(table.workload);
  const valid = trials.filter((trial) => trial.valid && workloadKey(trial.workload) === key);
  return measuredRows(table).map((row) => ({
    name: nameOf(row),
    row,
    trials: valid.filter(({ target, client }) => target === row.target && client === row.client),
  }));
}
