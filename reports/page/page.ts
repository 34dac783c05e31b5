/**
 * A page as data: plain JSON that the script of the page draws. Every text is shown as it is, never as markup. Nothing is
 * imported here, because the script, which knows no Node, is compiled against these types.
 */

export interface Page {
  readonly title: string;
  /** Lines below the title: what was measured, where and when. */
  readonly about: readonly string[];
  /** Names that have a colour of their own, the same in every chart. */
  readonly series: readonly string[];
  readonly opening: readonly Section[];
  /** One is shown at a time where there are several, such as the workloads of a sweep. */
  readonly parts: readonly Part[];
  readonly closing: readonly Section[];
  readonly foot: string;
  /** Offered as a file. */
  readonly download?: Download;
}

export interface Download {
  readonly name: string;
  readonly data: unknown;
}

export interface Part {
  readonly label: string;
  readonly sections: readonly Section[];
}

export interface Section {
  /** Unique within the page; the anchor of the section. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
  /** Closed until it is asked for. */
  readonly isFolded?: boolean;
}

export type Block = Sentences | Messages | Table | Bars | Curves | Icicle;

export interface Sentences {
  readonly is: 'sentences';
  readonly lines: readonly string[];
  /** How they are set: as the answer, as a note, or as something to copy. */
  readonly as: 'answer' | 'note' | 'code';
}

export interface Messages {
  readonly is: 'messages';
  readonly items: readonly Message[];
}

export interface Message {
  readonly tone: 'bad' | 'warn' | 'plain';
  readonly text: string;
  readonly remedies: readonly string[];
}

export interface Table {
  readonly is: 'table';
  /** Empty where the section says what it is. */
  readonly title: string;
  readonly columns: readonly TableColumn[];
  readonly footnotes: readonly string[];
  readonly isFolded?: boolean;
}

export interface TableColumn {
  readonly head: string;
  readonly align: 'left' | 'right';
  /** A cell a row. */
  readonly cells: readonly TableCell[];
}

export interface TableCell {
  readonly text: string;
  readonly tone?: 'quiet' | 'warn' | 'bad';
  /** What the column is sorted by, where it is a number. */
  readonly value?: number;
}

/** Horizontal bars, a row a name. */
export interface Bars {
  readonly is: 'bars';
  /** What is chosen from, for people who do not see it. */
  readonly name: string;
  /** One is shown at a time. */
  readonly choices: readonly BarChart[];
}

export interface BarChart {
  readonly label: string;
  readonly unit: Unit;
  /** `The lower, the better.` and what marks mean. */
  readonly about: string;
  readonly rows: readonly BarRow[];
  /** Bars begin at 0; without bars, dots and intervals lie on an axis that shows where they are, around `base`. */
  readonly base?: number;
  /** Vertical marks, such as the bounds of a gate. */
  readonly marks?: readonly Mark[];
}

export interface Mark {
  readonly at: number;
  readonly text: string;
}

export interface BarRow {
  readonly name: string;
  /** Beside the name. */
  readonly text: string;
  /** Beside the figure, such as a ratio or a verdict. */
  readonly note?: string;
  /** Absent where there is nothing to draw. */
  readonly value?: number;
  readonly low?: number;
  readonly high?: number;
  /** A dot a trial. */
  readonly dots?: readonly number[];
  /** Of a stacked bar, from 0 on: where each ends. */
  readonly stages?: readonly Stage[];
}

export interface Stage {
  readonly name: string;
  readonly end: number;
}

/** Line charts with a common cursor and a common choice of lines. */
export interface Curves {
  readonly is: 'curves';
  readonly name: string;
  /** One is shown at a time. */
  readonly choices: readonly CurveChoice[];
}

export interface CurveChoice {
  readonly label: string;
  readonly about: string;
  readonly panels: readonly Panel[];
}

export interface Panel {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  /** Ascending. */
  readonly at: readonly number[];
  readonly lines: readonly Line[];
  /** Vertical marks, at places of the x axis. */
  readonly marks?: readonly Mark[];
  /** Each line has places of its own, and goes on over those of the others. */
  readonly isSparse?: true;
}

export interface Axis {
  readonly title: string;
  readonly unit: Unit;
  /** `tail`: a value is -lg(1 - q) of the quantile q. `places`: 0, 1, 2, … with names. */
  readonly scale: 'linear' | 'log' | 'tail' | 'places';
  readonly places?: readonly string[];
  /** Without it, as wide as what is drawn, from 0 on where the scale is linear. */
  readonly range?: readonly [low: number, high: number];
}

export interface Line {
  readonly name: string;
  /** One for each place of the panel. */
  readonly values: readonly (number | null)[];
  /** Drawn broken from this place on: too few messages stand behind it. */
  readonly firmTo?: number;
  /** Dots without a line: several at one place have a list each. */
  readonly dots?: readonly (readonly number[])[];
}

/** A differential flame graph, hung from the top: what a function called hangs below it, as wide as its share. */
export interface Icicle {
  readonly is: 'icicle';
  /** What is chosen from: the side by which widths are drawn. */
  readonly name: string;
  readonly unit: Unit;
  /** What a figure is one of, `message`. */
  readonly per: string;
  readonly about: string;
  readonly nodes: readonly IcicleNode[];
}

export interface IcicleNode {
  /** Place in the list, before this one; -1: at the top. */
  readonly parent: number;
  readonly label: string;
  readonly base: number;
  readonly head: number;
}

export type Unit = 'us' | 'ms' | 's' | '/s' | 'B' | 'share' | '%' | 'count' | 'x';
