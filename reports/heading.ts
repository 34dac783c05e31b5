/** Owns what a report is about, in words: the question, the workload and the machine. */

import type { Load, Workload } from '../core/scenario.js';
import { formatBytes, formatRate, writeDuration } from '../core/units.js';
import { countText } from './figure-text.js';
import type { Report } from './report.js';

/** The question that the scenario answers, or its name. */
export function titleOf({ question, name }: Report): string {
  return question === '' ? name : question;
}

export function workloadText(workload: Workload, trials: number): string {
  const { phases } = workload;
  return [
    workText(workload),
    `${countText(trials)} ${plural(trials, 'trial')} × ${writeDuration(phases.measureMs)}`,
    `warm-up ${writeDuration(phases.warmupMs)}`,
    `drain ${writeDuration(phases.drainMs)}`,
  ].join(' · ');
}

/** What is done, without how often and for how long. */
export function workText({ kind, connections, publishers, load, payload }: Workload): string {
  return [
    kind,
    `${countText(connections)} ${plural(connections, 'connection')}`,
    publishers === connections ? 'all sending' : `${countText(publishers)} sending`,
    loadText(load),
    `${formatBytes(payload.sizeBytes)} ${payload.type}`,
  ].join(' · ');
}

function loadText(load: Load): string {
  if (load.model === 'closed') return `closed loop, ${countText(load.inflight)} in flight a sender`;
  const arrivals = load.arrivals === 'poisson' ? 'Poisson' : 'evenly spaced';
  return `open loop, ${formatRate(load.ratePerSecond)} ${arrivals}`;
}

export function machineText({ os, cpu, cores, memoryBytes, node, pinning }: Report['environment']): string {
  const memory = formatBytes(memoryBytes);
  return [cpu, `${countText(cores)} ${plural(cores, 'core')}`, memory, os, `Node ${node}`, pinning]
    .filter((part) => part !== '')
    .join(' · ');
}

/** Versions of what was measured and of what measured it, and when. */
export function provenanceText({ environment, git, tool, startedAt, seed, name }: Report): string {
  const libraries = Object.entries(environment.libraries).map(([library, version]) => `${library} ${version}`);
  const commit = git ? [`commit ${git.commit.slice(0, 12)}${git.dirty ? ' with changes' : ''}`] : [];
  return [...libraries, ...commit, `bench ${tool}`, name, startedAt, `seed ${seed}`].join(' · ');
}

function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}
