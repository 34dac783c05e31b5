/** Owns the columns that tell targets apart: the target, and the client where rows differ in it. */

import type { MeasuredRow } from '../fold/row.js';
import { clientColumn } from './client-column.js';
import { type Column, column } from './table.js';

export function nameColumns(lines: readonly { readonly row: MeasuredRow }[]): Column[] {
  return [column('target', 'left', lines, ({ row }) => row.target), ...clientColumn(lines)];
}
