/** Owns the list of tables that only some workloads have, being what they are about: adding one is adding a file and a line. */

import { measuresConnecting } from '../../core/kind.js';
import type { WorkloadTable } from '../fold/workload-table.js';
import { connectTable } from './connect.js';
import { connectedTable } from './connected.js';
import { holdingTable } from './holding.js';
import { pushTable } from './push.js';
import { reconnectionTable } from './reconnection.js';
import { slowReadersTable } from './slow-readers.js';
import type { Table } from './table.js';

export function subjectTables(table: WorkloadTable): Table[] {
  const tables = [
    connectedTable(table),
    measuresConnecting(table.workload) ? connectTable(table) : undefined,
    reconnectionTable(table),
    holdingTable(table),
    slowReadersTable(table),
    pushTable(table),
  ];
  return tables.filter((each) => each !== undefined);
}

/** Connect times where they are not what the workload is about. */
export function connectAside(table: WorkloadTable): Table | undefined {
  return measuresConnecting(table.workload) ? undefined : connectTable(table);
}
