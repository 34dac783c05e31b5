/** Owns what a report is about, in words: the question, the workload and the machine. */

import { isSilent, kinds } from '../../core/kind.js';
import type { Blocking, Load, Outage, Workload } from '../../core/scenario.js';
import { formatBytes, formatRate, writeDuration } from '../../core/units.js';
import type { Report } from '../fold/report.js';
import { countText } from './figure-text.js';

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

/** What is done, without how often and for how long. The workloads of one scenario have the same parts, in one order. */
export function workText(workload: Workload): string {
  const { kind, connections, publishers, load, payload } = workload;
  const all = `${countText(connections)} ${plural(connections, 'connection')}`;
  const work = {
    clients: [all, publishers === connections ? 'all sending' : `${countText(publishers)} sending`, loadText(load)],
    server: [all, `pushed by the server, ${loadText(load)}`],
    'each once': [load.model === 'open' ? `storm of ${all} at ${formatRate(load.ratePerSecond)}` : all],
    nobody: [all],
  }[kinds[kind].sends];
  const message = isSilent(kind) ? [] : [`${formatBytes(payload.sizeBytes)} ${payload.type}`];
  return [kind, ...work, ...message, ...circumstances(workload)].join(' · ');
}

function loadText(load: Load): string {
  if (load.model === 'none') return 'no messages';
  if (load.model === 'closed') return `closed loop, ${countText(load.inflight)} in flight a sender`;
  const arrivals = load.arrivals === 'poisson' ? 'Poisson' : 'evenly spaced';
  return `open loop, ${formatRate(load.ratePerSecond)} ${arrivals}`;
}

const proxies = {
  refuse: 'behind a proxy that refuses upgrades',
  swallow: 'behind a proxy that swallows upgrades',
  cut: 'behind a proxy that cuts upgraded connections',
} as const satisfies Record<Blocking, string>;

const outages = {
  reset: 'all connections reset',
  restart: 'server killed and restarted',
} as const satisfies Record<Outage['how'], string>;

/** What is special about the workload, in words. */
function circumstances(workload: Workload): string[] {
  const { connections, rooms, ackTimeoutMs, slowReaders, visitors, blocking, outage, heartbeatMs } = workload;
  return [
    rooms && `${countText(rooms)} ${plural(rooms, 'room')}`,
    ackTimeoutMs && `acknowledged within ${writeDuration(ackTimeoutMs)}`,
    slowReaders &&
      `${shareText(slowReaders / connections)} slow readers: ${countText(slowReaders)} of ${countText(connections)} read nothing`,
    visitors && `visitors at ${formatRate(visitors.ratePerSecond)}, each for ${writeDuration(visitors.stayMs)}`,
    blocking && proxies[blocking],
    outage && `${outages[outage.how]} after ${writeDuration(outage.afterMs)}`,
    outage?.recovery && 'with connection state recovery',
    heartbeatMs && `heartbeat every ${writeDuration(heartbeatMs)}`,
  ].filter((text) => typeof text === 'string');
}

/** `10 %`, `0.25 %`. */
function shareText(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
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
