/** Tables of a report: each file of `tables/` is one and says where it stands, so that adding one is adding a file. */

import { readdirSync } from 'node:fs';
import type { Table } from './drawing/table.js';
import type { WorkloadTable } from './fold/row.js';
import { rowTable, type TableSpec } from './table-spec.js';

const folder = new URL('./tables/', import.meta.url);
const specs = await Promise.all(
  readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .map(async (file): Promise<TableSpec> => (await import(new URL(file, folder).href)).default),
);

/** All tables that apply, in order. */
export function tablesOf(table: WorkloadTable): Table[] {
  const { workload } = table;
  const placeOf = ({ place }: TableSpec) => (typeof place === 'number' ? place : place(workload));
  return specs
    .toSorted((a, b) => placeOf(a) - placeOf(b))
    .flatMap((spec) => ('build' in spec ? spec.build(table) : rowTable(spec, table)) ?? []);
}
