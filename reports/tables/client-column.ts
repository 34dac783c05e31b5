/** Owns the column that says which client measured a row: only there when rows differ in it. */

import type { MeasuredRow } from '../fold/row.js';
import { type Column, column } from './table.js';

export function clientColumn(lines: readonly { readonly row: MeasuredRow }[]): Column[] {
  if (new Set(lines.map(({ row }) => row.client)).size < 2) return [];
  return [column('client', 'left', lines, ({ row }) => row.client)];
}
