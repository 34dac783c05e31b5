/** The shape of a table before any output has drawn it. */

import type { Latency } from '../fold/latency.js';

/** `warn` and `bad` are for what a reader must not miss; outputs without colour show the text alone. */
export type Tone = 'plain' | 'quiet' | 'warn' | 'bad';

export interface Cell {
  readonly text: string;
  readonly tone: Tone;
}

/** Texts come from the file and are to be escaped by whoever draws them. */
export interface Column {
  /** One or two short lines, divided by a new line. */
  readonly head: string;
  readonly align: 'left' | 'right';
  /** A cell for each row of the table. */
  readonly cells: readonly Cell[];
}

export interface Table {
  readonly title: string;
  /** What tells rows apart; repeated where a table is too wide and has to be continued. */
  readonly names: readonly Column[];
  readonly figures: readonly Column[];
  /** Explains marks in the cells, a sentence each. */
  readonly footnotes: readonly string[];
  /** Less asked for than the others: outputs that can fold a table fold this one. */
  readonly isAside?: boolean;
  /** Distributions behind the figures, for outputs that can draw. */
  readonly distributions?: readonly Distribution[];
}

export interface Distribution {
  readonly target: string;
  readonly client: string;
  readonly service: Latency;
  /** Absent for a closed loop. */
  readonly response?: Latency | undefined;
}

export function cell(text: string, tone: Tone = 'plain'): Cell {
  return { text, tone };
}

/** A column with one cell for each of `rows`. */
export function column<Row>(
  head: string,
  align: Column['align'],
  rows: readonly Row[],
  write: (row: Row) => string | Cell,
): Column {
  const cells = rows.map(write).map((written) => (typeof written === 'string' ? cell(written) : written));
  return { head, align, cells };
}

/** The cells of `columns`, which are all of one table, row by row. */
export function rowsOf(columns: readonly Column[]): Cell[][] {
  const [first] = columns;
  return (first?.cells ?? []).map((_, i) => columns.flatMap(({ cells }) => cells.slice(i, i + 1)));
}
