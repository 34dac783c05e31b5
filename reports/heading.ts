/** What a report is about, in words: the question, the workload and the machine. */

import type { Workload } from '../core/scenario.js';
import { formatBytes, formatCount, writeDuration } from '../core/units.js';
import { fieldsIn } from '../core/workload/workload-fields.js';
import type { Report } from './report.js';

/** The question that the scenario answers, or its name. */
export function titleOf({ question, name }: Report): string {
  return question === '' ? name : question;
}

export function workloadText(workload: Workload, trials: number): string {
  const { phases } = workload;
  return [
    workText(workload),
    `${formatCount(trials, 'trial')} × ${writeDuration(phases.measureMs)}`,
    `warm-up ${writeDuration(phases.warmupMs)}`,
    `drain ${writeDuration(phases.drainMs)}`,
  ].join(' · ');
}

/** What is done, without how often and for how long. The workloads of one scenario have the same parts, in one order. */
export function workText(workload: Workload): string {
  return fieldsIn(workload)
    .flatMap(([field, value]) => field.words(value, workload))
    .join(' · ');
}

/** A label each, in their order; undefined where all do the same work. */
export function workloadLabels(workloads: readonly Workload[]): (string | undefined)[] {
  const parts = workloads.map((workload) => workText(workload).split(' · '));
  const differs = (_: string, i: number) => new Set(parts.map((own) => own[i])).size > 1;
  return parts.map((own) => own.filter(differs).join(' · ') || undefined);
}

export function machineText({ os, cpu, cores, memoryBytes, node, pinning }: Report['environment']): string {
  const memory = formatBytes(memoryBytes);
  return [cpu, formatCount(cores, 'core'), memory, os, `Node ${node}`, pinning]
    .filter((part) => part !== '')
    .join(' · ');
}

/** How to repeat the run, and on what it was made: about a line of a terminal. */
export function repeatText({ command, seed, environment: { cpu, cores, node } }: Report): string {
  const repeat = command === undefined ? [] : [`Repeat: ${command} --seed ${seed}`];
  return [...repeat, `${cpu}, ${formatCount(cores, 'core')}, Node ${node}`].join(' · ');
}

/** As `repeatText`, with what tells it from other runs: for what is read elsewhere than it was measured. */
export function sourceText(report: Report): string {
  const { git, startedAt } = report;
  const commit = git ? [`commit ${git.commit.slice(0, 12)}`] : [];
  return [repeatText(report), startedAt.slice(0, 10), ...commit].join(' · ');
}

/** Versions of what was measured and of what measured it, and when. */
export function provenanceText({ environment, git, tool, startedAt, seed, name }: Report): string {
  const libraries = Object.entries(environment.libraries).map(([library, version]) => `${library} ${version}`);
  const commit = git ? [`commit ${git.commit.slice(0, 12)}${git.dirty ? ' with changes' : ''}`] : [];
  return [...libraries, ...commit, `bench ${tool}`, name, startedAt, `seed ${seed}`].join(' · ');
}
