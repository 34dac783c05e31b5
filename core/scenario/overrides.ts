/** Owns what values from the command line do to a scenario file: they replace its own, and what no longer fits goes. */

import { parseGate } from '../gates/gate-syntax.js';
import { quote } from '../printable.js';
import type { Overrides } from '../scenario.js';
import { suggestion } from '../suggestion.js';
import { type Limit, limits, outside } from './limits.js';
import { quick } from './quick.js';
import type { ScenarioFile, Sweep } from './schema.js';
import { combinations, defaultPublishers } from './sweep.js';
import type { Fault, Path } from './yaml-document.js';

/** The flags that carry a figure: their name, their limit and the field of the file that they replace. */
const figures = {
  connections: { flag: '--connections', limit: limits.connections, field: 'connections' },
  ratePerSecond: { flag: '--rate', limit: limits.rate, field: 'load.rate' },
  inflight: { flag: '--inflight', limit: limits.inflight, field: 'load.inflight' },
  sizeBytes: { flag: '--size', limit: limits.size, field: 'payload.size' },
  measureMs: { flag: '--duration', limit: limits.measure, field: 'phases.measure' },
  warmupMs: { flag: '--warmup', limit: limits.warmup, field: 'phases.warmup' },
  trials: { flag: '--trials', limit: limits.trials, field: 'trials' },
  runners: { flag: '--runners', limit: limits.runners, field: 'runners' },
  seed: { flag: '--seed', limit: limits.seed, field: 'seed' },
} as const satisfies Partial<Record<keyof Overrides, { flag: string; limit: Limit; field: string }>>;

const figureKeys = Object.keys(figures) as (keyof typeof figures)[];

function flagText(key: keyof typeof figures, value: number): string {
  return `${figures[key].flag} ${figures[key].limit.write(value)}`;
}

/** What is wrong with the overrides by themselves, a sentence each that begins with the flag. */
export function overrideFaults(overrides: Overrides, targets: readonly string[]): string[] {
  const faults: string[] = [];
  for (const key of figureKeys) {
    const value = overrides[key];
    const wrong = value === undefined ? undefined : outside(value, figures[key].limit);
    if (wrong !== undefined) faults.push(`${flagText(key, value!)}: ${wrong}`);
  }
  if (overrides.ratePerSecond !== undefined && overrides.inflight !== undefined)
    faults.push('--rate: an open loop has a rate and a closed loop has --inflight; give one of the two');
  if (overrides.targets?.length === 0) faults.push('--target: name at least one target');
  for (const name of new Set(overrides.targets))
    if (!targets.includes(name)) faults.push(`--target ${quote(name)}: ${unknownTarget(name, targets)}`);
  return faults;
}

export function unknownTarget(name: string, targets: readonly string[]): string {
  return `there is no target ${quote(name)}; ${suggestion(name, targets)}`;
}

/** What is wrong with gates of the command line; columns count within the text of each. */
export function gateFaults({ gates = [] }: Overrides): Fault[] {
  return gates.flatMap((text) => {
    const gate = parseGate(text);
    return 'message' in gate
      ? [{ line: 1, column: gate.column, message: `--gate ${quote(text)}: ${gate.message}` }]
      : [];
  });
}

/** The flag to blame when a rule about `fields` holds in the file and no longer with the overrides. */
export function flagFor(fields: readonly Path[], overrides: Overrides): string {
  if (fields[0]?.[0] === 'gates') return '--gate';
  const given = figureKeys.filter((key) => overrides[key] !== undefined);
  const names = fields.map((field) => field.join('.'));
  const [key = given[0]] = given
    .filter((one) => names.includes(figures[one].field))
    .sort((a, b) => names.indexOf(figures[a].field) - names.indexOf(figures[b].field));
  return key === undefined ? '--quick' : flagText(key, overrides[key]!);
}

/**
 * The file with the overrides in place; `quick` gives way to a figure that is given too. A rate makes the loop open and
 * messages in flight make it closed; an overridden field is no longer swept, and a ladder without steps is none.
 */
export function override(file: ScenarioFile, overrides: Overrides): ScenarioFile {
  const { client, measureMs, warmupMs, trials, runners, seed } = overrides;
  const own: ScenarioFile = {
    ...file,
    ...population(file, overrides),
    targets: overrides.targets === undefined ? file.targets : [...new Set(overrides.targets)],
    client: client ?? file.client,
    load: load(file.load, overrides),
    payload: payload(file.payload, overrides),
    phases: { ...file.phases, measure: measureMs ?? file.phases.measure, warmup: warmupMs ?? file.phases.warmup },
    trials: trials ?? file.trials,
    runners: runners ?? file.runners,
    seed: seed ?? file.seed,
    gates: gates(file.gates, overrides),
    // Rules tell what is not given from what is wrong.
    ack: file.ack,
    outage: file.outage,
    sweep: sweep(file.sweep, overrides),
  };
  const short = overrides.quick ? quick(own, overrides) : own;
  return { ...short, stopAbove: combinations(short.sweep) > 1 ? short.stopAbove : undefined };
}

/** The connections and what is counted among them: fewer of them leave room for fewer. */
function population(
  { kind, connections, publishers, rooms, slowReaders }: ScenarioFile,
  { connections: asked }: Overrides,
): Pick<ScenarioFile, 'connections' | 'publishers' | 'rooms' | 'slowReaders'> {
  if (asked === undefined) return { connections, publishers, rooms, slowReaders };
  const atMost = (value: number | undefined, most: number) => value && Math.min(value, most);
  const silent = asked - (atMost(publishers, asked) ?? defaultPublishers(kind, asked));
  return {
    connections: asked,
    publishers: atMost(publishers, asked),
    rooms: atMost(rooms, asked),
    slowReaders: typeof slowReaders === 'number' ? Math.max(1, Math.min(slowReaders, silent)) : slowReaders,
  };
}

function load(own: ScenarioFile['load'], { ratePerSecond, inflight }: Overrides): ScenarioFile['load'] {
  if (ratePerSecond !== undefined)
    return { model: 'open', rate: ratePerSecond, arrivals: own?.model === 'open' ? own.arrivals : 'constant' };
  return inflight === undefined ? own : { model: 'closed', inflight };
}

function payload(own: ScenarioFile['payload'], { sizeBytes }: Overrides): ScenarioFile['payload'] {
  return sizeBytes === undefined ? own : { type: own?.type ?? 'text', size: sizeBytes };
}

/** Those of the command line come on top: to leave one out is to edit the file, where its loss is seen. */
function gates(own: ScenarioFile['gates'], { gates: added = [] }: Overrides): ScenarioFile['gates'] {
  return own === undefined && added.length === 0 ? undefined : [...new Set([...(own ?? []), ...added])];
}

function sweep(swept: Sweep | undefined, { connections, ratePerSecond, inflight, sizeBytes }: Overrides): Sweep {
  const rest = { ...swept };
  if (connections !== undefined) {
    delete rest.connections;
    const fitting = (values: readonly number[]) => [...new Set(values.map((value) => Math.min(value, connections)))];
    if (rest.publishers !== undefined) rest.publishers = fitting(rest.publishers);
    if (rest.rooms !== undefined) rest.rooms = fitting(rest.rooms);
  }
  if (ratePerSecond !== undefined || inflight !== undefined) {
    delete rest.rate;
    delete rest.inflight;
  }
  if (sizeBytes !== undefined) delete rest.size;
  return rest;
}
