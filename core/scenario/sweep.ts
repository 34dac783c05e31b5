/** Multiplies a scenario file into workloads: one for each combination of the values under `sweep`. */

import type { Workload } from '../scenario.js';
import { fieldEntries } from '../workload/workload-fields.js';
import type { ScenarioFile, SoundFields, Sweep } from './schema.js';
import type { Path } from './yaml-document.js';

type Choice = { readonly [Key in keyof Sweep]?: NonNullable<Sweep[Key]>[number] };

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

function workload(file: ScenarioFile, choice: Choice): Workload {
  const of = { kind: file.kind, connections: choice.connections ?? file.connections };
  const fields = fieldEntries.map(([name, { key, resolve }]) => [name, resolve(file[key], choice, of)]);
  return Object.fromEntries(fields) as Workload;
}

/** A figure of a scenario file, and where it stands. */
export interface SweptValue {
  readonly value: number;
  readonly path: Path;
}

/** Those of the sweep, or else the file's own; a closed loop has no rate. */
export function sweptValues(file: SoundFields, key: 'connections' | 'publishers' | 'rooms' | 'rate'): SweptValue[] {
  const rate = file.load?.model === 'open' ? file.load.rate : undefined;
  const own = key === 'rate' ? rate : file[key];
  const swept = key === 'rate' && rate === undefined ? undefined : file.sweep?.[key];
  if (swept !== undefined) return swept.map((value, index) => ({ value, path: ['sweep', key, index] }));
  return own === undefined ? [] : [{ value: own, path: key === 'rate' ? ['load', 'rate'] : [key] }];
}

export function fewest(values: readonly SweptValue[]): SweptValue | undefined {
  return values.toSorted((a, b) => a.value - b.value)[0];
}

export function most(values: readonly SweptValue[]): SweptValue | undefined {
  return values.toSorted((a, b) => b.value - a.value)[0];
}
