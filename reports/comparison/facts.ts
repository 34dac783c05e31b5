/** Owns what must be the same on both sides for their figures to be about the code, and saying in words what is not. */

import type { TrialLine } from '../../core/result.js';
import type { Load, Workload } from '../../core/scenario.js';
import { formatBytes, writeDuration, writeRate, writeSize } from '../../core/units.js';
import type { Result } from '../results/result-reader.js';

/** What is recorded about one side: each fact with all values that its files or trials have, in words. */
export type Facts = ReadonlyMap<string, ReadonlySet<string>>;

/** Of one fact; a file may have a different one in every trial. */
const maxValues = 5;

/** Facts of one side that differ from those of the other, `Different Node: v20.1.0 → v22.2.0.` each. */
export function differences(base: Facts, head: Facts, about = ''): string[] {
  return [...new Set([...base.keys(), ...head.keys()])].flatMap((name) => {
    const [from, to] = [wordsOf(base, name), wordsOf(head, name)];
    const several = (base.get(name)?.size ?? 0) > 1;
    if (from === to && !several) return [];
    const change = from === to ? `${from} on both sides` : `${from} → ${to}`;
    return [`${about}${about === '' ? 'D' : 'd'}ifferent ${name}: ${change}.`];
  });
}

/** Sorted, so that the order of files makes no difference. */
function wordsOf(facts: Facts, name: string): string {
  const values = [...(facts.get(name) ?? ['not recorded'])].sort();
  const more = values.length - maxValues;
  return [...values.slice(0, maxValues), ...(more > 0 ? [`${more} more`] : [])].join(' or ');
}

function collect(facts: readonly (readonly [name: string, value: string])[]): Facts {
  const collected = new Map<string, Set<string>>();
  for (const [name, value] of facts) collected.set(name, (collected.get(name) ?? new Set()).add(value));
  return collected;
}

export function runFacts(results: readonly Result[]): Facts {
  return collect(
    results.flatMap(({ run: { environment, scenario, tool } }) => [
      ['CPU', environment.cpu],
      ['number of cores', String(environment.cores)],
      ['memory', formatBytes(environment.memoryBytes)],
      ['operating system', environment.os],
      ['Node', environment.node],
      ['version of bench', tool],
      ...Object.entries(environment.libraries).map(([name, version]) => [`version of ${name}`, version] as const),
      ['pinning', environment.pinning || 'none'],
      ['scenario', scenario.name],
      ['gates', scenario.gates?.join(', ') || 'none'],
    ]),
  );
}

/** @param known packages whose versions the runs record already. */
export function trialFacts(trials: readonly TrialLine[], known: ReadonlySet<string>): Facts {
  return collect(
    trials.flatMap(({ client, transport, library, settings }) => [
      ['client', client],
      ['transport', transport],
      ...(known.has(library.replace(/ [^ ]*$/, '')) ? [] : [['library', library] as const]),
      ...Object.entries(settings).map(([name, value]) => [`setting ${name} of the server`, String(value)] as const),
    ]),
  );
}

export function workloadFacts(workload: Workload): Facts {
  const { kind, connections, publishers, load, payload, phases, connect } = workload;
  return collect([
    ['kind', kind],
    ['connections', String(connections)],
    ['publishers', String(publishers)],
    ...loadFacts(load),
    ['payload size', writeSize(payload.sizeBytes)],
    ['payload type', payload.type],
    ['warm-up', writeDuration(phases.warmupMs)],
    ['measured time', writeDuration(phases.measureMs)],
    ['drain', writeDuration(phases.drainMs)],
    ['connect rate', writeRate(connect.ratePerSecond)],
    ['connect time-out', writeDuration(connect.timeoutMs)],
    ...specialFacts(workload),
  ]);
}

function loadFacts(load: Load): (readonly [name: string, value: string])[] {
  switch (load.model) {
    case 'open':
      return [
        ['load', 'open loop'],
        ['rate', writeRate(load.ratePerSecond)],
        ['arrivals', load.arrivals],
      ];
    case 'closed':
      return [
        ['load', 'closed loop'],
        ['messages in flight', String(load.inflight)],
      ];
    case 'none':
      return [['load', 'no messages']];
  }
}

/** Stands where a workload does not ask for anything of the kind. */
const unasked = 'none asked for';

function specialFacts(workload: Workload): (readonly [name: string, value: string])[] {
  const { rooms, ackTimeoutMs, slowReaders, visitors, blocking, outage, heartbeatMs } = workload;
  const duration = (ms: number | undefined): string => (ms === undefined ? unasked : writeDuration(ms));
  return [
    ['rooms', rooms === undefined ? unasked : String(rooms)],
    ['acknowledgement time-out', duration(ackTimeoutMs)],
    ['slow readers', slowReaders === undefined ? unasked : String(slowReaders)],
    ['visitors', visitors ? `${writeRate(visitors.ratePerSecond)} for ${writeDuration(visitors.stayMs)}` : unasked],
    ['blocking of upgrades', blocking ?? unasked],
    [
      'outage',
      outage
        ? `${outage.how} after ${writeDuration(outage.afterMs)}${outage.recovery ? ' with recovery' : ''}`
        : unasked,
    ],
    ['heartbeat', duration(heartbeatMs)],
  ];
}

/** The facts of a workload in one line, without what it has in common with every other. */
export function workloadWords(workload: Workload): string {
  return [...workloadFacts(workload)]
    .filter(([, values]) => !values.has(unasked))
    .map(([name, values]) => `${name} ${[...values].join(' or ')}`)
    .join(', ');
}
