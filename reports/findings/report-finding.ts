/** The finding of a whole report: that of its workload, or what its workloads say together. */

import type { Table } from '../drawing/table.js';
import type { Report } from '../fold/report.js';
import { headlineTable } from '../wording/headline-table.js';

export function findingSentences({ tables }: Report): readonly string[] {
  return tables.flatMap(({ finding }) => finding.sentences);
}

export function findingTables({ tables }: Report): Table[] {
  return tables.flatMap(({ finding }) => headlineTable(finding.headline) ?? []);
}
