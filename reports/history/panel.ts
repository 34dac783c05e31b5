/** What one chart or table of a history shows, with its names and sentences; a terminal and a page must escape them. */

import type { ClientName } from '../../core/client.js';
import { isQuantile, type MetricName, metrics } from '../../core/measure/metrics.js';
import type { Reason } from '../../core/measure/reason.js';
import type { Environment, TrialLine } from '../../core/result.js';
import type { Workload } from '../../core/scenario.js';
import type { ComparedFigure } from '../comparison/comparison.js';
import { comparedFigure, sampleOf } from '../comparison/sample.js';
import { terminalText } from '../drawing/escaping.js';
import { groupBy } from '../fold/group-by.js';
import { present } from '../present.js';
import type { Result } from '../results/result-reader.js';
import { changeText, figureText, metricText } from '../wording/figure-text.js';
import { leastValues } from './change-points.js';

export interface Point {
  /** Undefined where the run was not in a git repository. */
  readonly commit: string | undefined;
  /** There were changes that no commit has. */
  readonly dirty: boolean;
  /** Of the first run. Wall clock, as the file has it. */
  readonly startedAt: string;
  /** One a valid trial that has the metric; above 0. */
  readonly values: readonly number[];
  /** Undefined when there is no value. */
  readonly figure: ComparedFigure | undefined;
  /** Median against that of the version before which has one, sign as measured; undefined where there is none. */
  readonly change: number | undefined;
  /** What was measured, e.g. `ws 8.23.0`. */
  readonly library: string;
  /** What differs from the version before, or went wrong; a few words each. */
  readonly notes: readonly string[];
  /** Of each invalid trial, why. */
  readonly invalid: readonly (readonly Reason[])[];
}

interface StoredTrial {
  readonly result: Result;
  readonly trial: TrialLine;
}

/** Trials of one series and one version. */
export type Version = readonly [StoredTrial, ...StoredTrial[]];

/**
 * Trials by version, in the order of the first run of each. A run with uncommitted changes, or without git, stands for
 * itself: nothing says that another one measured the same code.
 */
export function versionsOf(trials: readonly StoredTrial[]): Version[] {
  const keyOf = ({ result }: StoredTrial) => {
    const { git } = result.run;
    return git && !git.dirty ? git.commit : result;
  };
  return [...groupBy<StoredTrial, string | Result>(trials, keyOf).values()];
}

/** @param before the last version that has a figure. */
export function pointOf(version: Version, metric: MetricName, before: Point | undefined): Point {
  const { run } = version[0].result;
  const valid = version.map(({ trial }) => trial).filter((trial) => trial.valid);
  const samples = valid.flatMap((trial) => sampleOf(trial, metric) ?? []);
  const figure = comparedFigure(samples);
  const { library } = (version.at(-1) ?? version[0]).trial;
  return {
    commit: run.git?.commit,
    dirty: run.git?.dirty ?? false,
    startedAt: run.startedAt,
    values: samples.map(({ value }) => value),
    figure,
    change: figure && before?.figure ? figure.median / before.figure.median - 1 : undefined,
    library,
    notes: notesOn(version, valid, library, before),
    invalid: version.flatMap(({ trial }) => (trial.valid ? [] : [trial.invalidBecause])),
  };
}

function notesOn(version: Version, valid: readonly TrialLine[], library: string, before: Point | undefined): string[] {
  const invalid = version.length - valid.length;
  const lost = valid.reduce((sum, { counts }) => sum + counts.lost, 0);
  return present(
    before !== undefined && before.library !== library && `${library}, before ${before.library}`,
    invalid > 0 && `${invalid} of ${version.length} trials invalid`,
    lost > 0 && `${lost} lost`,
    version.some(({ result }) => result.partial) && 'run not finished',
  );
}

/** A commit from which on the figures lie on another level. */
export interface Shift {
  /** Place in the points of the series. */
  readonly at: number;
  /** New level against old, sign as measured. */
  readonly share: number;
  readonly p: number;
}

export interface Series {
  readonly target: string;
  readonly client: ClientName;
  /** Oldest first. */
  readonly points: readonly Point[];
  /** Advisory. */
  readonly shifts: readonly Shift[];
}

/** Series that one table shows: same scenario, work, machine and metric. */
export interface Panel {
  readonly scenario: string;
  readonly workload: Workload;
  /** Of each run, as the newest asked for. */
  readonly trialsPlanned: number;
  readonly machine: Machine;
  readonly metric: MetricName;
  readonly series: readonly Series[];
}

/** What must be the same along a line: figures of two machines or two Nodes say nothing about a commit. */
export type Machine = Pick<Environment, 'cpu' | 'cores' | 'node'>;

export function machineText({ cpu, cores, node }: Machine): string {
  return `${terminalText(cpu, 60)}, ${cores} ${cores === 1 ? 'core' : 'cores'}, Node ${terminalText(node, 20)}`;
}

export function machineKey({ cpu, cores, node }: Machine): string {
  return JSON.stringify([cpu, cores, node]);
}

/** `echo: p99 of the response time over commits`. */
export function panelTitle({ scenario, metric, workload }: Panel): string {
  const time = workload.load.model === 'open' ? 'response' : 'service';
  const what = isQuantile(metric) ? ` of the ${time} time` : '';
  return `${scenario}: ${metrics[metric].label}${what} over commits`;
}

/** Median and spread; `~` where too few messages stand behind it, `≥` where lost ones rank above it. */
export function pointText({ figure, values }: Point, metric: MetricName): string {
  const text = figureText(figure, (value) => metricText(metric, value), values.length);
  if (figure?.mark === undefined) return text;
  return figure.mark === 'not firm' ? `~${text}` : `≥ ${text}`;
}

/** What the marks of the figures mean. */
export function legend(series: readonly Series[]): string[] {
  const marks = new Set(series.flatMap(({ points }) => points.map(({ figure }) => figure?.mark)));
  return present(
    'Figures are medians over trials; ± is the distance of the furthest trial from the median.',
    marks.has('not firm') && '~ not firm: too few messages were sent for this quantile.',
    marks.has('at least') && '≥ messages were lost that rank above this quantile.',
  );
}

export function seriesName({ target, client }: Series): string {
  return `${target} (${client})`;
}

/** `e9e68dd`, `e9e68dd + changes`, `no commit`. */
export function versionName({ commit, dirty }: Pick<Point, 'commit' | 'dirty'>): string {
  if (commit === undefined) return 'no commit';
  return `${commit.slice(0, 7)}${dirty ? ' + changes' : ''}`;
}

/** What stands beside a version in a table, and whether a new level begins there. */
export function notesOnHistory(
  { points, shifts }: Series,
  at: number,
): { readonly moved: boolean; readonly notes: string } {
  const moved = shifts.some((shift) => shift.at === at);
  return { moved, notes: present(moved && 'change point', ...(points[at]?.notes ?? [])).join('; ') };
}

/** `2026-01-31 09:00` in UTC; as it is where it is no date. */
export function dateText(startedAt: string): string {
  const date = new Date(startedAt);
  return Number.isNaN(date.getTime()) ? startedAt : date.toISOString().slice(0, 16).replace('T', ' ');
}

export function shiftSentence(series: Series, { at, share, p }: Shift, metric: MetricName): string {
  const { label, better } = metrics[metric];
  const worse = share > 0 === (better === 'lower');
  return (
    `${seriesName(series)}: from ${versionName(series.points[at] ?? { commit: undefined, dirty: false })} on, ${label} is on another level: ` +
    `${changeText(share)}, which is ${worse ? 'worse' : 'better'} (p = ${p.toFixed(4)}).`
  );
}

/** What change points are worth, and where there are too few commits for any. */
export function advisory(series: readonly Series[]): string {
  const short = series.every(({ points }) => points.filter(({ figure }) => figure).length < leastValues);
  if (short) return `Change points are looked for from ${leastValues} commits on.`;
  return (
    'Change points are advisory: the runs are of different times, and a machine that drifts looks like a change too. ' +
    'To know, measure both versions in one job with `bench ab`.'
  );
}
