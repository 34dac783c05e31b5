/**
 * The finding of one workload: its answer in sentences, and the ranked table of what the scenario is about. Plain JSON,
 * so that every format prints the same figures. Names and reasons come from the file and are to be escaped.
 */

import type { Unit } from '../../core/measure/figures.js';
import type { Interval } from '../../core/statistics/intervals.js';

export interface Finding {
  /** The answer first; then what limits it: targets that cannot keep up, the generator, too few trials. */
  readonly sentences: readonly string[];
  /** Those of the sentences that say what limits it. */
  readonly limits: readonly string[];
  readonly headline: Headline;
}

export interface Headline {
  /** At least one row has a value of each. Rows are ranked by the first. */
  readonly columns: readonly HeadlineColumn[];
  /** The row that ratios are to; undefined where nothing was measured. */
  readonly reference: string | undefined;
  /** The best first; targets without figures last. */
  readonly rows: readonly HeadlineRow[];
}

export interface HeadlineColumn {
  /** As in the table of figures, `last.p50` being a quantile of a latency: see `TrialFigureName`. */
  readonly figure: string;
  readonly label: string;
  readonly unit: Unit;
  readonly better: 'lower' | 'higher';
  /** Left out where there is little room, as in the table of the text. */
  readonly isAside?: true;
}

/**
 * `better` and `worse` are by the leading figure, where the interval of its ratio to the reference excludes 1;
 * `no interval`: too few trials to say.
 */
export type VerdictCode =
  | 'reference'
  | 'better'
  | 'worse'
  | 'unclear'
  | 'no interval'
  | 'cannot keep up'
  | 'generator limit'
  | 'no ratio'
  | 'not measured';

export interface HeadlineRow {
  readonly target: string;
  /** Undefined where no trial was tried. */
  readonly client: string | undefined;
  /** Valid trials. */
  readonly trials: number;
  /** One for each column; null where the row has none. */
  readonly cells: readonly (HeadlineCell | null)[];
  readonly verdict: { readonly code: VerdictCode; readonly text: string };
  /** Of an open loop: deliveries a second, asked for and delivered; medians over trials. */
  readonly pace?: { readonly askedPerSecond: number; readonly deliveredPerSecond: number };
}

export interface HeadlineCell {
  /** The median over trials, in the unit of the column; of a quantile that of the quantiles of trials. */
  readonly value: number;
  /** A lower bound, because messages were unanswered. */
  readonly atLeast: boolean;
  /** False: to be marked `~`, because too little stands behind this quantile. */
  readonly firm: boolean;
  /** Of 95 %, over trials; absent with fewer than `leastTrials` of them. */
  readonly interval?: Interval;
  /** Absent in the reference row, and where one of both is unknown, 0 or a lower bound. */
  readonly ratio?: Ratio;
}

/** To the reference row: trials of the same block are compared. */
export interface Ratio {
  readonly value: number;
  /** Of 95 %, over blocks. */
  readonly interval?: Interval;
  readonly verdict: Extract<VerdictCode, 'better' | 'worse' | 'unclear' | 'no interval'>;
}
