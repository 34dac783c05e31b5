/** What values from the command line do to a scenario file: they replace its own, and what no longer fits goes. */

import { outside } from '../field-sorts.js';
import { parseGate } from '../gates/gate-syntax.js';
import { isStorm } from '../kind.js';
import { quote } from '../printable.js';
import { defaultPublishers } from '../workload/required-fields.js';
import type { Flag } from '../workload/workload-field.js';
import { combinations, figureFlags, type Overrides, type ScenarioFile, type Sweep } from './schema.js';
import { quickSearch, searching } from './search-overrides.js';
import { isNamable, labelOf, type TargetEntry, unknownTarget, variantNamed } from './targets.js';
import type { Fault, Path } from './yaml-document.js';

/** A flag that was given, and its values; `value` is the least of them. */
interface GivenFigure extends Flag {
  readonly value: number;
  readonly values: readonly number[];
}

function givenFigures(overrides: Overrides): GivenFigure[] {
  return Object.entries<Flag>(figureFlags).flatMap(([key, flag]) => {
    const value = overrides[key as keyof typeof figureFlags];
    if (value === undefined) return [];
    return [{ ...flag, value, values: overrides.sweep?.[flag.list ?? ''] ?? [value] }];
  });
}

const flagText = ({ flag, limit, values }: GivenFigure): string => `--${flag} ${values.map(limit.write).join(',')}`;

/** What is wrong with the overrides by themselves, a sentence each that begins with the flag. */
export function overrideFaults(overrides: Overrides, targets: readonly string[]): string[] {
  const faults = givenFigures(overrides).flatMap((figure) => {
    const { values, limit } = figure;
    const wrong = values.map((value) => outside(value, limit)).find((fault) => fault !== undefined);
    const twice = new Set(values).size < values.length ? 'a value is given twice; keep one' : undefined;
    const fault = wrong ?? twice;
    return fault === undefined ? [] : [`${flagText(figure)}: ${fault}`];
  });
  if (overrides.ratePerSecond !== undefined && overrides.inflight !== undefined)
    faults.push('--rate: an open loop has a rate and a closed loop has --inflight; give one of the two');
  if (overrides.targets?.length === 0) faults.push('--target: name at least one target');
  for (const name of new Set(overrides.targets))
    if (!isNamable(name, targets)) faults.push(`--target ${quote(name)}: ${unknownTarget(name, targets)}`);
  return faults;
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
  const given = givenFigures(overrides);
  const names = fields.map((field) => field.join('.').replace(/^(sweep\.\w+)\.\d+$/, '$1'));
  const place = ({ path, list }: Flag): number =>
    names.findIndex((name) => name === path.join('.') || name === `sweep.${list}`);
  const [first] = given.filter((one) => place(one) >= 0).sort((one, other) => place(one) - place(other));
  const { client, targets = [] } = overrides;
  if (first === undefined && client !== undefined && names.includes('client')) return `--client ${client}`;
  const [key, , option] = fields[0] ?? [];
  if (first === undefined && key === 'targets')
    return [`--target ${targets.join(',')}`, ...(option === undefined ? [] : [option])].join(': ');
  const blamed = first ?? given[0];
  return blamed === undefined ? '--quick' : flagText(blamed);
}

/**
 * The file with the overrides in place; `quick` gives way to a figure that is given too. A rate makes the loop open and
 * messages in flight make it closed; an overridden field is no longer swept, but for its own values where it is given
 * several; and a ladder without steps is none.
 */
export function override(file: ScenarioFile, overrides: Overrides): ScenarioFile {
  const given = givenFigures(overrides);
  const { sizeBytes } = overrides;
  const gates = [...new Set([...(file.gates ?? []), ...(overrides.gates ?? [])])];
  const own: ScenarioFile = {
    ...given.reduce(replaced, file),
    ...population(file, overrides),
    targets: overrides.targets === undefined ? file.targets : named(overrides.targets, file),
    client: overrides.client ?? file.client,
    load: load(file.load, overrides),
    payload:
      sizeBytes === undefined ? file.payload : { type: 'text', content: 'repeat', ...file.payload, size: sizeBytes },
    // Those of the command line come on top: to leave one out is to edit the file, where its loss is seen.
    gates: gates.length === 0 ? undefined : gates,
    // Rules tell what is not given from what is wrong.
    ack: file.ack,
    outage: file.outage,
    sweep: { ...sweep(file.sweep, overrides, given), ...overrides.sweep },
  };
  const asked = overrides.search ? searching(own, overrides.search) : own;
  const short = overrides.quick ? quick(asked, overrides) : asked;
  return { ...short, stopAbove: combinations(short.sweep) > 1 ? short.stopAbove : undefined };
}

/** A label of the file is meant before a target, a variant or a path of the command line. */
function named(names: readonly string[], { targets }: ScenarioFile): ScenarioFile['targets'] {
  const entries = names.map((name): TargetEntry => {
    const labelled = targets?.find((entry) => labelOf(entry) === name);
    const variant = variantNamed(name);
    return labelled ?? (typeof variant === 'object' ? variant : name);
  });
  return [...new Map(entries.map((entry) => [labelOf(entry), entry])).values()];
}

function replaced(file: ScenarioFile, { path: [key, inner], value }: GivenFigure): ScenarioFile {
  const parts: Readonly<Record<string, unknown>> = file;
  return { ...file, [key]: inner === undefined ? value : { ...Object(parts[key]), [inner]: value } };
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

function load(own: ScenarioFile['load'], { ratePerSecond, inflight, search }: Overrides): ScenarioFile['load'] {
  if (search && own?.model === 'search')
    return ratePerSecond === undefined ? own : { ...own, rate: ratePerSecond, each: undefined };
  if (ratePerSecond !== undefined)
    return { model: 'open', rate: ratePerSecond, arrivals: own?.model === 'open' ? own.arrivals : 'constant' };
  return inflight === undefined ? own : { model: 'closed', inflight };
}

/** An overridden figure is no longer swept; a loop that is made open or closed has neither list of the load. */
function sweep(swept: Sweep | undefined, { connections }: Overrides, given: readonly GivenFigure[]): Sweep {
  const paths = given.map(({ path }) => path);
  const replacedLists = paths.flatMap(([key, inner = key]) => (key === 'load' ? ['rate', 'inflight'] : [inner]));
  const rest: Sweep = Object.fromEntries(Object.entries(swept ?? {}).filter(([key]) => !replacedLists.includes(key)));
  if (connections === undefined) return rest;
  const fitting = (values: readonly number[]) => [...new Set(values.map((value) => Math.min(value, connections)))];
  if (rest.publishers !== undefined) rest.publishers = fitting(rest.publishers);
  if (rest.rooms !== undefined) rest.rooms = fitting(rest.rooms);
  return rest;
}

const quickly = {
  trials: 1,
  measureMs: 1000,
  warmupMs: 300,
  drainMs: 1000,
  searchedMs: 400,
  outageAfterMs: 200,
  stayMs: 300,
} as const;
/** More workloads than this are thinned out. */
const mostWorkloads = 3;
/** Steps of a ladder. */
const mostSteps = 2;
/** A lost client comes back after 0.5 to 1.5 s, or after 1 to 3 s more: the back-off of Socket.IO's client. */
const reconnectionMs = 4500;
/** So that every connection is pinged once within the measured window. */
const heartbeatGraceMs = 500;

/** The file made short. Figures in `given` are in the file already, and stay. */
export function quick(file: ScenarioFile, given: Overrides): ScenarioFile {
  const { ack, outage, visitors } = file;
  const phases = {
    warmup: given.warmupMs ?? Math.min(file.phases.warmup, quickly.warmupMs),
    measure: given.measureMs ?? Math.min(file.phases.measure, windowMs(file)),
    drain: Math.min(file.phases.drain, quickly.drainMs),
  };
  return fewerConnections(
    {
      ...file,
      trials: given.trials ?? quickly.trials,
      load: quickSearch(file.load, given.search),
      phases,
      ack: ack && { timeout: Math.min(ack.timeout, phases.drain) },
      outage: outage && {
        ...outage,
        after: Math.min(outage.after, quickly.outageAfterMs, Math.floor(phases.measure / 2)),
      },
      visitors: visitors && { ...visitors, stay: Math.min(visitors.stay, quickly.stayMs) },
      sweep: file.stopAbove === undefined ? thinned(file.sweep) : firstSteps(file.sweep),
    },
    given,
  );
}

/** The shortest in which happens what the scenario waits for. */
function windowMs({ heartbeat, outage, load }: ScenarioFile): number {
  if (load?.model === 'search') return quickly.searchedMs;
  if (outage !== undefined) return quickly.outageAfterMs + reconnectionMs;
  return heartbeat === undefined ? quickly.measureMs : heartbeat + heartbeatGraceMs;
}

/** A storm opens as many as the shortened phases have time for. */
function fewerConnections(file: ScenarioFile, given: Overrides): ScenarioFile {
  const { kind, load, phases, sweep } = file;
  if (!isStorm(kind) || load?.model !== 'open' || given.connections !== undefined) return file;
  const rate = Math.min(...(sweep?.rate ?? [load.rate]));
  const openings = (rate * (phases.warmup + phases.measure)) / 1000;
  const most = Math.max(1, Math.floor(load.arrivals === 'poisson' ? surelyArrived(Math.floor(openings)) : openings));
  const fewer = (connections: number) => Math.min(connections, most);
  return {
    ...file,
    connections: fewer(file.connections),
    sweep: sweep?.connections ? { ...sweep, connections: [...new Set(sweep.connections.map(fewer))] } : sweep,
  };
}

/** What random arrivals do not fall short of, their mean being `openings`: the inverse of `mostArrivals`. */
function surelyArrived(openings: number): number {
  return (Math.sqrt(25 + openings) - 5) ** 2;
}

/** Of many workloads those at the ends of each list. */
function thinned(sweep: Sweep | undefined): Sweep | undefined {
  if (sweep === undefined || combinations(sweep) <= mostWorkloads) return sweep;
  return mapped(sweep, (values) => values.filter((_, index) => index === 0 || index === values.length - 1));
}

/** The lowest steps of a ladder, of the list that changes fastest. */
function firstSteps(sweep: Sweep | undefined): Sweep | undefined {
  const fastest = Object.entries(sweep ?? {}).findLast(([, values]) => (values?.length ?? 0) > 1)?.[0];
  return sweep && mapped(sweep, (values, key) => values.slice(0, key === fastest ? mostSteps : 1));
}

function mapped(sweep: Sweep, change: (values: readonly unknown[], key: string) => readonly unknown[]): Sweep {
  return Object.fromEntries(
    Object.entries(sweep).map(([key, values]) => [key, values && change(values, key)]),
  ) as Sweep;
}
