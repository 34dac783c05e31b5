/**
 * One metric over commits: stored results dealt to series that may be drawn as one line, because nothing but the
 * version differs along them.
 */

import { workloadKey } from '../../core/workload/workload-fields.js';
import { terminalText } from '../drawing/escaping.js';
import { groupBy } from '../group-by.js';
import { invalidSentences } from '../reasons/reasons.js';
import type { Result } from '../results/result-reader.js';
import { type HistoryRequest, machineKey, machineText, type Panel, panelOf } from './panel.js';

/** Every text in it comes from files and is to be escaped for wherever it is shown. */
export interface History {
  readonly panels: readonly Panel[];
  /** What must be read with the lines, one sentence each. */
  readonly warnings: readonly string[];
}

/** @param results in any order. */
export function historyOf(results: readonly Result[], request: HistoryRequest): History {
  const trials = results
    .filter(({ run }) => run.sides === undefined)
    .toSorted((a, b) => startOf(a) - startOf(b))
    .flatMap((result) => result.trials.map((trial) => ({ result, trial })));
  const byPanel = groupBy(trials, ({ trial, result: { run } }) =>
    JSON.stringify([run.scenario.name, workloadKey(trial.workload), machineKey(run.environment)]),
  );
  const panels = [...byPanel.values()].map((own) => panelOf(own, request)).filter(({ series }) => series.length > 0);
  return { panels, warnings: historyWarnings(panels, results) };
}

/** Milliseconds; a date that cannot be read counts as the oldest. */
function startOf({ run }: Result): number {
  return Date.parse(run.startedAt) || 0;
}

const maxFileWarnings = 5;

/** @param results all that were read, those that are in no panel too. */
function historyWarnings(panels: readonly Panel[], results: readonly Result[]): string[] {
  const invalid = panels.flatMap(({ series }) => series.flatMap(({ points }) => points.flatMap((one) => one.invalid)));
  return [
    ...differences(panels),
    ...invalidSentences('invalid trial', invalid),
    ...dropped(results),
    ...leftOut(results),
  ];
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
