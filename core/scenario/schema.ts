/** The fields of a scenario file: one zod schema from which come the checks, the defaults and the JSON Schema; and its sweep. */

import * as z from 'zod';
import { type ClientName, clientNames } from '../client.js';
import { between, choice, count, expected, list, map, maxWorkloads, quantity } from '../field-sorts.js';
import { maxRelativeGates } from '../gates/gate.js';
import { type GateFault, maxGateChars, parseGate } from '../gates/gate-syntax.js';
import { isPushed, isSilent, kindNames } from '../kind.js';
import type { Workload } from '../scenario.js';
import { parseObjective } from '../search/objective.js';
import { fieldsOf } from '../stored-value.js';
import type { SearchedRate } from '../workload/search-load.js';
import type { SearchedOver } from '../workload/search-settings.js';
import { flag } from '../workload/workload-field.js';
import { askedShape, fieldEntries, sweptShape, workloadFlags } from '../workload/workload-fields.js';
import { endpointSchema, usersSchema } from './endpoint-schema.js';
import { targetFields, targetsSchema } from './targets.js';
import type { Path } from './yaml-document.js';

/** What comes out is the text as it was written; whoever needs the gate reads it again. */
const gate = z
  .string({ error: expected('a text such as "p99 < 50ms"', 'gates: ["p99 < 50ms"]') })
  .meta({ maxLength: maxGateChars, examples: ['p99 < 50ms', 'delivered = 100%', 'p99 no worse than base by 10%'] })
  .superRefine((text, context) => complain(parseGate(text), context));

/** @param parsed gates, or what is wrong at a column of the text. @param path from what is refined to that text. */
function complain(parsed: object | GateFault, context: z.core.$RefinementCtx, path: string[] = []): void {
  if ('message' in parsed)
    context.addIssue({ code: 'custom', path, message: parsed.message, params: { character: parsed.column } });
}

const limits = {
  trials: between.counts(1, 1000),
  runners: between.counts(1, 256),
  serverCores: between.counts(1, 256),
  seed: between.counts(0, 2 ** 32 - 1),
};

const { kind, ...others } = askedShape();

export const scenarioFileSchema = map('scenario', 'kind, targets, connections, load, payload and phases', {
  kind,
  targets: targetsSchema.optional(),
  endpoint: endpointSchema.optional().describe('In place of targets: a server of your own, as it is.'),
  users: usersSchema.optional().describe('With an endpoint: who connects, {{user.NAME}} in the texts.'),
  ...others,
  load: others.load.superRefine((load, context) => {
    if (load?.model === 'search') complain(parseObjective(load.objective), context, ['objective']);
  }),
  trials: count('trials', limits.trials, 3).default(3).describe('Repetitions of every target and workload.'),
  client: choice('client', clientNames)
    .optional()
    .describe('Our own codec, or the real client library. Default: wire where the transport allows, else library.'),
  runners: count('runners', limits.runners, 1)
    .optional()
    .describe(
      'Worker threads that make the load. Default: as many as the machine and the connections call for; at most 4 for each of its cores.',
    ),
  serverCores: count('serverCores', limits.serverCores, 4)
    .optional()
    .describe(
      'Cores of a server of several processes, at most one for each, or of a server of your own. Default: one for each process ' +
        'while the generator has a third of the machine, and one for a server of your own.',
    ),
  seed: count('seed', limits.seed, 42)
    .optional()
    .describe('Makes order and arrivals repeatable. Default: random, and recorded in the result.'),
  gates: list('gates', gate, '["p99 < 50ms"]')
    .optional()
    .describe(
      'Promises that a run must keep ("p99 < 50ms", "delivered = 100%") or that `bench ab` decides ' +
        `("p99 no worse than base by 10%", at most ${maxRelativeGates} of these).`,
    ),
  stopAbove: map('stopAbove', '{ p95: 500ms }', {
    p95: quantity('p95', between.durationsMs(1, 60_000), '500ms').describe(
      'Highest p95 of the latency, from due or else from sent.',
    ),
  })
    .optional()
    .describe('Makes the sweep a ladder: a target above this figure is not asked for the steps that follow.'),
  sweep: map('sweep', '{ connections: [100, 1000] }', sweptShape())
    .partial()
    .optional()
    .describe(`Lists that replace the single values above, in every combination; at most ${maxWorkloads} workloads.`),
});

/** A scenario file with its defaults filled and its units resolved (ms, messages a second, bytes), not yet multiplied. */
export type ScenarioFile = z.output<typeof scenarioFileSchema>;
export type Sweep = NonNullable<ScenarioFile['sweep']>;

/**
 * Fields that are wrong by themselves are absent: a rule that needs one of them is skipped. Those that are not given are
 * undefined.
 */
export type SoundFields = Partial<ScenarioFile>;

/** What a rule finds wrong between the fields of a scenario file. */
export interface Violation {
  /** Every field that plays a part, the one most likely wrong first. */
  readonly fields: readonly [Path, ...Path[]];
  readonly message: string;
}

/** @param fields a path, or its steps joined by dots */
export function violation(message: string, ...fields: readonly [Path | string, ...(Path | string)[]]): Violation {
  const pathOf = (field: Path | string): Path => (typeof field === 'string' ? field.split('.') : field);
  const [first, ...others] = fields;
  return { fields: [pathOf(first), ...others.map(pathOf)], message };
}

/** The flags that replace a figure of a scenario file, in the order of the help. */
export const figureFlags = {
  ...workloadFlags,
  trials: flag('trials', 'Trials of every target', limits.trials, ['trials']),
  runners: flag('runners', 'Worker threads that make the load, at most 4 for each core', limits.runners, ['runners']),
  serverCores: flag('server-cores', 'Cores of a server of several processes, or of your own', limits.serverCores, [
    'serverCores',
  ]),
  seed: flag('seed', 'Seed of the order of trials and of Poisson arrivals', limits.seed, ['seed']),
};

/** Of a search for capacity, as a scenario file has them once they are read; undefined: not given. */
export interface AskedSearch {
  readonly over?: SearchedOver | undefined;
  readonly objective?: string | undefined;
  readonly from?: number | SearchedRate | undefined;
  readonly to?: number | SearchedRate | undefined;
  /** Messages a second of each publisher. */
  readonly each?: number | undefined;
  readonly precision?: number | undefined;
  readonly budget?: number | undefined;
}

/** Values from the command line that replace those of the file; figures in the units of a workload. */
export interface Overrides extends Readonly<Partial<Record<keyof typeof figureFlags, number>>> {
  /** Where a flag was given several values, all of them, by the name of the list; the figure itself is the least. */
  readonly sweep?: Readonly<Record<string, readonly number[]>>;
  readonly targets?: readonly string[];
  readonly client?: ClientName;
  readonly gates?: readonly string[];
  /** The load is searched for, by what the file says of it and by this. */
  readonly search?: AskedSearch;
  /** One short trial of each target and workload. */
  readonly quick?: boolean;
}

/** The keys that each map of the file may have, those in a list by the name of the list; '' is the file itself. */
export const knownKeys = new Map<string, string[]>();
const fields = fieldsOf(scenarioFileSchema).map(({ path }) => path);
for (const path of [...fields, ...targetFields.map((path) => ['targets', ...path])]) {
  const section = path.slice(0, -1).join('.');
  knownKeys.set(section, [...new Set([...(knownKeys.get(section) ?? []), ...path.slice(-1)])]);
}

/** JSON Schema (draft 7, which editors' YAML servers speak) of a scenario file as it is written; `npm run schema` saves it. */
export function scenarioJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(scenarioFileSchema, { io: 'input', target: 'draft-07' });
  // These have neither a load nor a payload, the second because a user's own server decides what it pushes.
  const silent = { properties: { kind: { enum: kindNames.filter(isSilent) } }, required: ['kind'] };
  const pushed = { properties: { kind: { enum: kindNames.filter(isPushed) } }, required: ['kind', 'endpoint'] };
  const anyOf = [{ required: ['targets'] }, { required: ['endpoint'] }];
  return {
    $schema,
    title: 'Scenario of socketbench',
    ...rest,
    anyOf,
    if: { anyOf: [silent, pushed] },
    else: { required: ['load', 'payload'] },
  };
}

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
