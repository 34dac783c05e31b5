/** One chart or table of a history, with its names and sentences; a terminal and a page must escape them. */

import { quantiles } from '../../core/measure/latency.js';
import { type MetricName, metrics, usualMetricsOf } from '../../core/measure/metrics.js';
import type { Environment } from '../../core/result.js';
import type { Workload } from '../../core/scenario.js';
import type { ComparedFigure } from '../comparison/comparison.js';
import { comparedFigure, sampleOf } from '../comparison/sample.js';
import { invalidOf } from '../comparison/warnings.js';
import { terminalText } from '../drawing/escaping.js';
import { groupBy } from '../group-by.js';
import { workloadText } from '../heading.js';
import { present } from '../present.js';
import type { Invalid } from '../reasons/reasons.js';
import type { ReadTrial } from '../results/read-trial.js';
import type { Result } from '../results/result-reader.js';
import { changeText, figureText, metricText } from '../wording/figure-text.js';
import { changePoints, leastValues } from './change-points.js';

export interface Point {
  /** Undefined where the run was not in a git repository. */
  readonly commit: string | undefined;
  /** `e9e68dd`, `e9e68dd + changes`, `no commit`. */
  readonly version: string;
  /** Of the first run, by the wall clock: `2026-01-31 09:00` in UTC; as the file has it where that is no date. */
  readonly date: string;
  /** One a valid trial that has the metric; above 0. */
  readonly values: readonly number[];
  /** Undefined when there is no value. */
  readonly figure: ComparedFigure | undefined;
  /** Median and spread; `~` where too few messages stand behind it, `≥` where lost ones rank above it. */
  readonly text: string;
  /** Median against that of the version before which has one, sign as measured; undefined where there is none. */
  readonly change: number | undefined;
  /** What was measured, e.g. `ws 8.23.0`. */
  readonly library: string;
  /** A new level begins here. */
  readonly moved: boolean;
  /** What differs from the version before, or went wrong; a few words each. */
  readonly notes: readonly string[];
  readonly invalid: readonly Invalid[];
}

/** A commit from which on the figures lie on another level. */
export interface Shift {
  /** Place in the points of the series. */
  readonly at: number;
  /** New level against old, sign as measured. */
  readonly share: number;
  readonly sentence: string;
}

export interface Series {
  readonly target: string;
  /** Of target and client. */
  readonly name: string;
  /** Oldest first. */
  readonly points: readonly Point[];
  /** Advisory. */
  readonly shifts: readonly Shift[];
}

/** Series that one table shows: same scenario, work, machine and metric. */
export interface Panel {
  readonly scenario: string;
  readonly workload: Workload;
  readonly machine: Machine;
  readonly metric: MetricName;
  /** `echo: p99 of the response time over commits`. */
  readonly title: string;
  /** The work and the machine; each run as often and for as long as the newest. */
  readonly about: readonly string[];
  readonly series: readonly Series[];
  /** What the marks of the figures mean. */
  readonly legend: readonly string[];
  /** What change points are worth, and where there are too few commits for any. */
  readonly advice: string;
}

/** What must be the same along a line: figures of two machines or two Nodes say nothing about a commit. */
export type Machine = Pick<Environment, 'cpu' | 'cores' | 'node'>;

export function machineText({ cpu, cores, node }: Machine): string {
  return `${terminalText(cpu, 60)}, ${cores} ${cores === 1 ? 'core' : 'cores'}, Node ${terminalText(node, 20)}`;
}

export function machineKey({ cpu, cores, node }: Machine): string {
  return JSON.stringify([cpu, cores, node]);
}

export interface HistoryRequest {
  /** Undefined: p99 of an open loop, throughput of a closed one, RSS without messages. */
  readonly metric?: MetricName | undefined;
  /** Empty: all. */
  readonly targets: readonly string[];
  /** The newest commits of each series. */
  readonly last: number;
}

export interface StoredTrial {
  readonly result: Result;
  readonly trial: ReadTrial;
}

/** Oldest first. */
type Trials = readonly [StoredTrial, ...StoredTrial[]];

/** @param trials of one scenario, work and machine */
export function panelOf(trials: Trials, { metric: asked, targets, last }: HistoryRequest): Panel {
  const { workload } = trials[0].trial;
  const { scenario, environment } = (trials.at(-1) ?? trials[0]).result.run;
  const metric = asked ?? usualMetricsOf(workload.kind, workload.load.model).shown;
  const chosen = trials.filter(({ trial }) => targets.length === 0 || targets.includes(trial.target));
  const lines = groupBy(chosen, ({ trial }) => JSON.stringify([trial.target, trial.client]));
  const series = [...lines.values()].map((own) => seriesOf(own, metric, last));
  const time = workload.load.model === 'open' ? 'response' : 'service';
  const what = Object.hasOwn(quantiles, metric) ? ` of the ${time} time` : '';
  const marks = new Set(series.flatMap(({ points }) => points.map(({ figure }) => figure?.mark)));
  return {
    scenario: scenario.name,
    workload,
    machine: environment,
    metric,
    title: `${scenario.name}: ${metrics[metric].label}${what} over commits`,
    about: [workloadText(workload, scenario.trials), machineText(environment)],
    series,
    legend: present(
      'Figures are medians over trials; ± is the distance of the furthest trial from the median.',
      marks.has('not firm') && '~ not firm: too few messages for this quantile, or trials that differ in it.',
      marks.has('at least') && '≥ messages were lost that rank above this quantile.',
    ),
    advice: series.every(({ points }) => points.filter(hasFigure).length < leastValues)
      ? `Change points are looked for from ${leastValues} commits on.`
      : 'Change points are advisory: the runs are of different times, and a machine that drifts looks like a change too. ' +
        'To know, measure both versions in one job with `bench ab`.',
  };
}

const hasFigure = ({ figure }: Point): boolean => figure !== undefined;

function seriesOf(trials: Trials, metric: MetricName, last: number): Series {
  const { target, client } = trials[0].trial;
  const name = `${target} (${client})`;
  const points: Point[] = [];
  for (const version of versionsOf(trials)) points.push(pointOf(version, metric, points.findLast(hasFigure)));
  const shown = points.slice(-last);
  const shifts = shiftsIn(shown, metric, name);
  const shifted = new Set(shifts.map(({ at }) => at));
  return {
    target,
    name,
    points: shown.map((point, at) =>
      shifted.has(at) ? { ...point, moved: true, notes: ['change point', ...point.notes] } : point,
    ),
    shifts,
  };
}

/**
 * Trials by version, in the order of the first run of each. A run with uncommitted changes, or without git, stands for
 * itself: nothing says that another one measured the same code.
 */
function versionsOf(trials: Trials): Trials[] {
  const keyOf = ({ result }: StoredTrial) => {
    const { git } = result.run;
    return git && !git.dirty ? git.commit : result;
  };
  return [...groupBy<StoredTrial, string | Result>(trials, keyOf).values()];
}

/** @param before the last version that has a figure. */
function pointOf(version: Trials, metric: MetricName, before: Point | undefined): Point {
  const { git, startedAt } = version[0].result.run;
  const valid = version.map(({ trial }) => trial).filter((trial) => trial.valid);
  const samples = valid.flatMap((trial) => sampleOf(trial, metric) ?? []);
  const figure = comparedFigure(samples);
  const text = figureText(figure, (value) => metricText(metric, value), samples.length);
  const mark = figure?.mark === undefined ? '' : figure.mark === 'not firm' ? '~' : '≥ ';
  const { library } = (version.at(-1) ?? version[0]).trial;
  const byResult = [...groupBy(version, ({ result }) => result).values()];
  const invalid = byResult.flatMap((own) => invalidOf(own.map(({ trial }) => trial)));
  const leftOut = invalid.filter(({ replacedBy }) => replacedBy === undefined).length;
  const lost = valid.reduce((sum, { counts }) => sum + counts.lost, 0);
  const date = new Date(startedAt);
  return {
    commit: git?.commit,
    version: git ? `${git.commit.slice(0, 7)}${git.dirty ? ' + changes' : ''}` : 'no commit',
    date: Number.isNaN(date.getTime()) ? startedAt : date.toISOString().slice(0, 16).replace('T', ' '),
    values: samples.map(({ value }) => value),
    figure,
    text: `${mark}${text}`,
    change: figure && before?.figure ? figure.median / before.figure.median - 1 : undefined,
    library,
    moved: false,
    notes: present(
      before !== undefined && before.library !== library && `${library}, before ${before.library}`,
      leftOut > 0 && `${leftOut} of ${valid.length + leftOut} trials invalid`,
      lost > 0 && `${lost} lost`,
      version.some(({ result }) => result.partial) && 'run not finished',
    ),
    invalid,
  };
}

/** Steps below the least effect that is of interest between jobs are left out. */
function shiftsIn(points: readonly Point[], metric: MetricName, name: string): Shift[] {
  const { label, better, leastShare } = metrics[metric];
  const known = points.flatMap(({ figure, version }, at) => (figure ? [{ at, version, median: figure.median }] : []));
  return changePoints(known.map(({ median }) => Math.log(median)))
    .filter(({ step }) => Math.abs(step) >= Math.log1p(2 * leastShare))
    .flatMap(({ at: place, p, step }) =>
      known.slice(place, place + 1).map(({ at, version }) => {
        const share = Math.expm1(step);
        const grade = share > 0 === (better === 'lower') ? 'worse' : 'better';
        const change = `${changeText(share)}, which is ${grade} (p = ${p.toFixed(4)})`;
        return { at, share, sentence: `${name}: from ${version} on, ${label} is on another level: ${change}.` };
      }),
    );
}
