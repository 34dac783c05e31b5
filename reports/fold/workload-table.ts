/** Owns one table of a report: the rows of one workload. */

import type { Workload } from '../../core/scenario.js';
import type { MeasuredRow, Row } from './row.js';

export interface WorkloadTable {
  readonly workload: Workload;
  /** Targets in the order of the scenario. */
  readonly rows: readonly Row[];
}

export function measuredRows(table: WorkloadTable): MeasuredRow[] {
  return table.rows.filter((row) => row.state === 'measured');
}
