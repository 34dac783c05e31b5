/** What is said about head against base: a row a target, workload and metric, and the warnings on them. */

import type { RelativeGate } from '../../core/gates/gate.js';
import type { Verdict } from '../../core/gates/verdict.js';
import type { MetricName } from '../../core/measure/metrics.js';
import type { Environment, Look, RunLine } from '../../core/result.js';
import type { Workload } from '../../core/scenario.js';
import type { Figure } from '../fold/figure.js';

/** Two-sided; what a verdict of files from different jobs is given at. */
export const usualAlpha = 0.05;

/** Plain JSON. Every text in it comes from files or the user and is to be escaped for wherever it is shown. */
export interface Comparison {
  /** `forks`: both sides measured in one job (`bench ab`); `trials`: result files of different jobs. */
  readonly design: 'forks' | 'trials';
  readonly base: ComparedSide;
  readonly head: ComparedSide;
  readonly rows: readonly ComparedRow[];
  /** What must be read with the figures, a sentence each, the gravest first. */
  readonly warnings: readonly string[];
  /** False when the two sides cannot be gated against each other; `warnings` says why. */
  readonly gateable: boolean;
}

export interface ComparedSide {
  /** As the user named it, or else the commit or the time of the run. */
  readonly label: string;
  /** Of all its files; undefined where there is none or several. */
  readonly commit: string | undefined;
  /** A working tree had changes that are not in the commit. */
  readonly dirty: boolean;
  /** Result files behind it. */
  readonly files: number;
  /** Of its first file, as are the next two. */
  readonly startedAt: string;
  readonly tool: string;
  readonly environment: Environment;
}

/** `at least`: a lower bound, because messages were unanswered. `not firm`: a quantile of too few messages. */
export type Mark = 'at least' | 'not firm';

export interface ComparedFigure extends Figure {
  readonly mark?: Mark | undefined;
}

export interface ComparedRow {
  readonly target: string;
  readonly workload: Workload;
  readonly metric: MetricName;
  /** Over the forks or trials used. */
  readonly base: ComparedFigure | undefined;
  readonly head: ComparedFigure | undefined;
  /** Forks or trials used. */
  readonly samples: { readonly base: number; readonly head: number };
  /** Head against base as a share with its 95 % interval, the sign as measured; undefined where a side has no figure. */
  readonly change: { readonly share: number; readonly low: number; readonly high: number } | undefined;
  /** Adjusted: after Holm among gates, after Benjamini-Hochberg among the rest. */
  readonly p: number | undefined;
  readonly verdict: Verdict | 'needs more' | 'no data';
  /** With `needs more`: the least number of forks, or of trials of each side, that can reach a verdict. */
  readonly needs?: number | undefined;
  /** The gate that this row decides; undefined: exploratory. */
  readonly gate?: RelativeGate | undefined;
  /** The least effect of interest that the verdict used. */
  readonly leastShare: number;
}

/** `usual`: what a load model is judged by; `all`: every metric there is. */
export type Breadth = 'usual' | 'all';

/** Both together stay at .05 of false alarms. */
export const usualLooks: readonly [Look, Look] = [
  { forks: 12, alpha: 0.01 },
  { forks: 20, alpha: 0.04 },
];

/** The look at which a file with so many valid forks is judged: the first that they do not exceed. */
export function lookAt(valid: number, { looks = usualLooks }: Pick<RunLine, 'looks'>): Look {
  return looks.find(({ forks }) => valid <= forks) ?? looks.at(-1) ?? usualLooks[1];
}
