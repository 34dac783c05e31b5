/** Tables of a report as data: what a file of `tables/` exports, and how its lines and columns are made of rows. */

import { type FigureName, valueAt } from '../core/measure/figures.js';
import { unitOf } from '../core/measure/trial-figure.js';
import type { Workload } from '../core/scenario.js';
import { type Cell, type Column, cell, column, type Table, type Tone } from './drawing/table.js';
import type { MeasuredRow, WorkloadTable } from './fold/row.js';
import { nothing, valueText } from './wording/figure-text.js';

/** What a file of `tables/` exports by default. */
export type TableSpec = RowTable | BuiltTable;

interface Placed {
  /** Where it stands among the others; the lowest comes first. */
  readonly place: number | ((workload: Workload) => number);
  /** Without it, the table applies to every workload. */
  readonly appliesTo?: (workload: Workload) => boolean;
}

/** A table with a line a measured row. */
interface RowTable extends Placed {
  readonly title: string;
  /** Only rows that have this part are lines; without any there is no table. */
  readonly of: keyof MeasuredRow;
  readonly columns: readonly ColumnSpec[];
  readonly footnotes: readonly string[] | ((view: View) => readonly string[]);
}

/** A table whose lines are others, such as the stages of opening a connection. */
interface BuiltTable extends Placed {
  readonly build: (table: WorkloadTable) => Table | undefined;
}

/** What a table is made of. */
export interface View {
  readonly workload: Workload;
  /** Its lines. */
  readonly rows: readonly MeasuredRow[];
  /** More than one row was measured, whether it is a line or not. */
  readonly several: boolean;
}

/** A figure by its name, with a tone where it is above 0, or whatever is made of a row. */
type ColumnSpec = { readonly head: string; readonly when?: (view: View) => boolean } & (
  | { readonly figure: FigureName; readonly tone?: Tone }
  | { readonly cell: (row: MeasuredRow, view: View) => string | Cell }
);

/** Those of `specs` that apply, in order. */
export function tablesOf(table: WorkloadTable, specs: readonly TableSpec[]): Table[] {
  const { workload } = table;
  const placeOf = ({ place }: TableSpec) => (typeof place === 'number' ? place : place(workload));
  return specs
    .filter(({ appliesTo }) => appliesTo === undefined || appliesTo(workload))
    .toSorted((a, b) => placeOf(a) - placeOf(b))
    .flatMap((spec) => ('build' in spec ? spec.build(table) : rowTable(spec, table)) ?? []);
}

export function measuredRows(table: WorkloadTable): MeasuredRow[] {
  return table.rows.filter((row) => row.state === 'measured');
}

function rowTable({ title, of, columns, footnotes }: RowTable, table: WorkloadTable): Table | undefined {
  const measured = measuredRows(table);
  const rows = measured.filter((row) => row[of] !== undefined);
  if (rows.length === 0) return undefined;
  const view = { workload: table.workload, rows, several: measured.length > 1 };
  const shown = columns.filter(({ when }) => when === undefined || when(view));
  return {
    title,
    names: nameColumns(rows),
    figures: shown.map((each) =>
      column(each.head, 'right', rows, (row) =>
        'cell' in each ? each.cell(row, view) : figureCell(row, each.figure, each.tone),
      ),
    ),
    footnotes: typeof footnotes === 'function' ? footnotes(view) : footnotes,
  };
}

/** The target, and the client where rows differ in it. */
function nameColumns(rows: readonly MeasuredRow[]): Column[] {
  return [column('target', 'left', rows, ({ target }) => target), ...clientColumn(rows)];
}

/** Says which client measured a row; only there when rows differ in it. */
export function clientColumn(lines: readonly { readonly client: string }[]): Column[] {
  if (new Set(lines.map(({ client }) => client)).size < 2) return [];
  return [column('client', 'left', lines, ({ client }) => client)];
}

/** A sum, or the median over trials. */
export function figureCell(row: object, name: FigureName, above0: Tone = 'plain'): Cell {
  const found = valueAt(row, name);
  const value = typeof found === 'object' ? valueAt(found, 'median') : found;
  if (typeof value !== 'number') return cell(nothing, 'quiet');
  return cell(valueText(unitOf(name), value), value > 0 ? above0 : 'plain');
}
