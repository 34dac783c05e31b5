/** Owns the multiplication of a scenario file into workloads: every combination of the values under `sweep`. */

import { kinds } from './kind.js';
import type { Load, Workload } from './scenario.js';
import type { ScenarioFile, Sweep } from './scenario-schema.js';

type Choice = { readonly [Key in keyof Sweep]?: NonNullable<Sweep[Key]>[number] };

/** How many workloads there will be, without making them. */
export function combinations(sweep: Sweep | undefined): number {
  return Object.values(sweep ?? {}).reduce((product, values) => product * (values?.length ?? 1), 1);
}

/** In the order of the keys of `sweep`: the last one changes fastest. One workload when there is no sweep. */
export function workloads(file: ScenarioFile): Workload[] {
  let choices: Choice[] = [{}];
  for (const [key, values] of Object.entries(file.sweep ?? {}))
    choices = choices.flatMap((choice) => (values ?? []).map((value) => ({ ...choice, [key]: value })));
  return choices.map((choice) => workload(file, choice));
}

/** Who sends when the scenario does not say. */
export function defaultPublishers(kind: ScenarioFile['kind'], connections: number): number {
  return kinds[kind].defaultPublishers === 'all' ? connections : 1;
}

function workload(file: ScenarioFile, choice: Choice): Workload {
  const connections = choice.connections ?? file.connections;
  const load: Load =
    file.load.model === 'open'
      ? { model: 'open', ratePerSecond: choice.rate ?? file.load.rate, arrivals: file.load.arrivals }
      : { model: 'closed', inflight: choice.inflight ?? file.load.inflight };
  return {
    kind: file.kind,
    connections,
    publishers: choice.publishers ?? file.publishers ?? defaultPublishers(file.kind, connections),
    load,
    payload: { sizeBytes: choice.size ?? file.payload.size, type: choice.type ?? file.payload.type },
    phases: { warmupMs: file.phases.warmup, measureMs: file.phases.measure, drainMs: file.phases.drain },
    connect: { ratePerSecond: file.connect.rate, timeoutMs: file.connect.timeout },
  };
}
