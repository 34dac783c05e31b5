/** Owns the multiplication of a scenario file into workloads: every combination of the values under `sweep`. */

import { type Kind, kinds, uses } from '../kind.js';
import { headerBytes } from '../message.js';
import type { Load, Workload } from '../scenario.js';
import type { Part } from './fields.js';
import type { ScenarioFile, Sweep } from './schema.js';

type Choice = { readonly [Key in keyof Sweep]?: NonNullable<Sweep[Key]>[number] };

export const defaultAckTimeoutMs = 1000;

/** How many workloads there will be, without making them. */
export function combinations(sweep: Sweep | undefined): number {
  return Object.values(sweep ?? {}).reduce((product, values) => product * (values?.length ?? 1), 1);
}

/** In the order of the keys of `sweep`: the last one changes fastest. One workload when there is no sweep. */
export function workloads(file: ScenarioFile): Workload[] {
  let choices: Choice[] = [{}];
  for (const [key, values] of Object.entries(file.sweep ?? {}))
    if (values !== undefined)
      choices = choices.flatMap((choice) => values.map((value) => ({ ...choice, [key]: value })));
  return choices.map((choice) => workload(file, choice));
}

/** Who sends when the scenario does not say. */
export function defaultPublishers(kind: Kind, connections: number): number {
  return { all: connections, one: 1, none: 0 }[kinds[kind].defaultPublishers];
}

/** At least one of a share. */
export function slowReadersOf(part: Part | undefined, connections: number): number | undefined {
  return typeof part === 'object' ? Math.max(1, Math.round(part.share * connections)) : part;
}

function workload(file: ScenarioFile, choice: Choice): Workload {
  const { kind, payload, phases, connect, visitors, outage } = file;
  const connections = choice.connections ?? file.connections;
  return {
    kind,
    connections,
    publishers: choice.publishers ?? file.publishers ?? defaultPublishers(kind, connections),
    load: load(file, choice),
    payload: {
      sizeBytes: choice.size ?? payload?.size ?? headerBytes,
      type: choice.type ?? payload?.type ?? 'text',
    },
    phases: { warmupMs: phases.warmup, measureMs: phases.measure, drainMs: phases.drain },
    connect: { ratePerSecond: connect.rate, timeoutMs: connect.timeout },
    rooms: choice.rooms ?? file.rooms,
    ackTimeoutMs: uses(kind, 'ack') ? (file.ack?.timeout ?? defaultAckTimeoutMs) : undefined,
    slowReaders: slowReadersOf(file.slowReaders, connections),
    visitors: visitors && { ratePerSecond: visitors.rate, stayMs: visitors.stay },
    blocking: choice.blocking ?? file.blocking,
    outage: outage && { how: choice.outage ?? outage.how, afterMs: outage.after, recovery: outage.recovery },
    heartbeatMs: file.heartbeat,
  };
}

function load({ load: own }: ScenarioFile, { rate, inflight }: Choice): Load {
  if (own === undefined) return { model: 'none' };
  return own.model === 'open'
    ? { model: 'open', ratePerSecond: rate ?? own.rate, arrivals: own.arrivals }
    : { model: 'closed', inflight: inflight ?? own.inflight };
}
