/**
 * One metric over commits: stored results dealt to series that may be drawn as one line, because nothing but the
 * version differs along them.
 */

import { type MetricName, metrics } from '../../core/measure/metrics.js';
import type { TrialLine } from '../../core/result.js';
import type { Load } from '../../core/scenario.js';
import { workloadKey } from '../../core/workload/workload-fields.js';
import { terminalText } from '../drawing/escaping.js';
import { invalidSentences } from '../findings/reasons.js';
import { groupBy } from '../fold/group-by.js';
import type { Result } from '../results/result-reader.js';
import { changePoints } from './change-points.js';
import {
  machineKey,
  machineText,
  type Panel,
  type Point,
  pointOf,
  type Series,
  type Shift,
  versionsOf,
} from './panel.js';

/** Every text in it comes from files and is to be escaped for wherever it is shown. */
export interface History {
  readonly panels: readonly Panel[];
  /** What must be read with the lines, one sentence each. */
  readonly warnings: readonly string[];
}

export interface HistoryRequest {
  /** Undefined: p99 of an open loop, throughput of a closed one, RSS without messages. */
  readonly metric?: MetricName | undefined;
  /** Empty: all. */
  readonly targets: readonly string[];
  /** The newest commits of each series. */
  readonly last: number;
}

/** @param results in any order. */
export function historyOf(results: readonly Result[], request: HistoryRequest): History {
  const runs = results.filter(({ run }) => run.sides === undefined).toSorted((a, b) => startOf(a) - startOf(b));
  const panels = [...groupBy(runs.flatMap(placed), ({ panel }) => panel).values()].map((trials) =>
    panelOf(trials, request),
  );
  const shown = panels.filter(({ series }) => series.length > 0);
  return { panels: shown, warnings: historyWarnings(shown, results) };
}

/** A trial, with the run it belongs to and the panel it is shown in. */
interface Placed {
  readonly result: Result;
  readonly trial: TrialLine;
  readonly panel: string;
}

function placed(result: Result): Placed[] {
  const { scenario, environment } = result.run;
  return result.trials.map((trial) => ({
    result,
    trial,
    panel: JSON.stringify([scenario.name, workloadKey(trial.workload), machineKey(environment)]),
  }));
}

/** At least one. */
type Group = readonly [Placed, ...Placed[]];

const usual: Readonly<Record<Load['model'], MetricName>> = { open: 'p99', closed: 'throughput', none: 'rss' };

function panelOf(trials: Group, { metric, targets, last }: HistoryRequest): Panel {
  const { workload } = trials[0].trial;
  const { run } = (trials.at(-1) ?? trials[0]).result;
  const chosen = metric ?? usual[workload.load.model];
  const asked = trials.filter(({ trial }) => targets.length === 0 || targets.includes(trial.target));
  const lines = groupBy(asked, ({ trial }) => JSON.stringify([trial.target, trial.client]));
  return {
    scenario: run.scenario.name,
    workload,
    trialsPlanned: run.scenario.trials,
    machine: run.environment,
    metric: chosen,
    series: [...lines.values()].map((own) => seriesOf(own, chosen, last)),
  };
}

function seriesOf(trials: Group, metric: MetricName, last: number): Series {
  const { target, client } = trials[0].trial;
  const points: Point[] = [];
  for (const version of versionsOf(trials)) points.push(pointOf(version, metric, points.findLast(hasFigure)));
  const shown = points.slice(-last);
  return { target, client, points: shown, shifts: shiftsIn(shown, metric) };
}

const hasFigure = ({ figure }: Point): boolean => figure !== undefined;

/** Steps below the least effect that is of interest between jobs are left out. */
function shiftsIn(points: readonly Point[], metric: MetricName): Shift[] {
  const known = points.flatMap(({ figure }, at) => (figure ? [{ at, median: figure.median }] : []));
  return changePoints(known.map(({ median }) => Math.log(median)))
    .filter(({ step }) => Math.abs(step) >= Math.log1p(2 * metrics[metric].leastShare))
    .flatMap(({ at, p, step }) =>
      known.slice(at, at + 1).map((point) => ({ at: point.at, p, share: Math.expm1(step) })),
    );
}

/** Milliseconds; a date that cannot be read counts as the oldest. */
function startOf({ run }: Result): number {
  return Date.parse(run.startedAt) || 0;
}

const maxFileWarnings = 5;

/** @param results all that were read, those that are in no panel too. */
export function historyWarnings(panels: readonly Panel[], results: readonly Result[]): string[] {
  return [
    ...differences(panels),
    ...invalidSentences('invalid trial', panels.flatMap(invalidTrials)),
    ...dropped(results),
    ...leftOut(results),
  ];
}

function invalidTrials({ series }: Panel) {
  return series.flatMap(({ target, points }) =>
    points.flatMap(({ invalid }) => invalid.map((reasons) => ({ target, reasons }))),
  );
}

function differences(panels: readonly Panel[]): string[] {
  const warnings: string[] = [];
  const machines = new Map(panels.map(({ machine }) => [machineKey(machine), machineText(machine)]));
  if (machines.size > 1)
    warnings.push(
      `The results come from ${machines.size} machines (${[...machines.values()].join('; ')}): each has lines of its own, ` +
        'because figures of one say nothing about figures of another.',
    );
  for (const [scenario, own] of groupBy(panels, ({ scenario }) => scenario))
    if (new Set(own.map(({ workload }) => workloadKey(workload))).size > 1)
      warnings.push(
        `Not all results of ${terminalText(scenario, 40)} are of the same work: each has lines of its own.`,
      );
  return warnings;
}

/** The first of each file: what else was dropped from it mostly has the same cause. */
function dropped(results: readonly Result[]): string[] {
  const firsts = results.flatMap(({ warnings: [first, ...others] }) => {
    if (first === undefined) return [];
    return others.length === 0 ? [first] : [`${first.replace(/\.$/, '')}; more lines of that file were, too.`];
  });
  const more = firsts.length - maxFileWarnings;
  if (more <= 0) return firsts;
  const others = more === 1 ? 'one more result file' : `${more} more result files`;
  return [...firsts.slice(0, maxFileWarnings), `Lines of ${others} were dropped.`];
}

function leftOut(results: readonly Result[]): string[] {
  const forks = results.filter(({ run }) => run.sides !== undefined).length;
  if (forks === 0) return [];
  return [
    `${forks} ${forks === 1 ? 'result' : 'results'} of \`bench ab\` left out: windows of a fork are no trials; ` +
      'see them with `bench compare FILE`.',
  ];
}
