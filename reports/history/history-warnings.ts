/** Owns what must be read with the lines of a history, one sentence each. */

import { groupBy } from '../group-by.js';
import type { Result } from '../result-reader.js';
import { terminalText } from '../terminal-text.js';
import { workloadKey } from '../workload-key.js';
import type { Panel } from './history.js';
import { machineKey, machineText } from './machine.js';

const maxFileWarnings = 5;

/** @param results all that were read, those that are in no panel too. */
export function historyWarnings(panels: readonly Panel[], results: readonly Result[]): string[] {
  return [...differences(panels), ...dropped(results), ...leftOut(results)];
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

function dropped(results: readonly Result[]): string[] {
  const warnings = results.flatMap(({ warnings }) => warnings);
  const more = warnings.length - maxFileWarnings;
  return more > 0
    ? [...warnings.slice(0, maxFileWarnings), `${more} more lines of result files were dropped.`]
    : warnings;
}

function leftOut(results: readonly Result[]): string[] {
  const forks = results.filter(({ run }) => run.sides !== undefined).length;
  if (forks === 0) return [];
  return [
    `${forks} ${forks === 1 ? 'result' : 'results'} of \`bench ab\` left out: windows of a fork are no trials; ` +
      'see them with `bench compare FILE`.',
  ];
}
