/** What must hold between the fields of a scenario file, each being right by itself. */

import { maxRelativeGates, tooManyRelative } from '../gates/gate.js';
import { parseGate } from '../gates/gate-syntax.js';
import { isScheduled, type Kind, type KindField, kindFields, kindNames, uses } from '../kind.js';
import { maxWorkloads } from '../workload/field-sorts.js';
import { outageExample, slowReadersOf } from '../workload/optional-fields.js';
import { defaultPublishers } from '../workload/required-fields.js';
import { fieldEntries } from '../workload/workload-fields.js';
import { phaseViolations } from './phase-rules.js';
import { type SoundFields, type Violation, violation } from './schema.js';
import { combinations, fewest, most, sweptValues } from './sweep.js';
import type { Path } from './yaml-document.js';

/** All rules that `file` breaks; none for a file whose sweep is wrong, because nearly all of them look at it. */
export function violations(file: SoundFields): Violation[] {
  if (!('sweep' in file)) return [];
  return [
    ...kindMismatches(file),
    ...modelMismatches(file),
    ...tooManyWorkloads(file),
    ...ladderWithoutSteps(file),
    ...moreThanConnections(file),
    ...tooManySlowReaders(file),
    ...phaseViolations(file),
    ...tooManyRelativeGates(file),
  ];
}

function modelMismatches({ load, sweep }: SoundFields): Violation[] {
  if (load === undefined) return [];
  const stranger = load.model === 'open' ? 'inflight' : 'rate';
  return sweep?.[stranger] === undefined ? [] : [violation(foreign(stranger), ['sweep', stranger])];
}

const models = { rate: 'open', arrivals: 'open', inflight: 'closed' } as const;

export function isModelKey(key: string): key is keyof typeof models {
  return Object.hasOwn(models, key);
}

/** The sentence for a key of the other load model. */
export function foreign(key: keyof typeof models): string {
  const other = models[key] === 'open' ? 'a closed' : 'an open';
  return `${other} loop has no ${key}: remove it or use model: ${models[key]}`;
}

function tooManyWorkloads({ sweep }: SoundFields): Violation[] {
  const count = combinations(sweep);
  const message = `multiplies to ${count} workloads, of which at most ${maxWorkloads} are allowed; shorten a list`;
  return count > maxWorkloads ? [violation(message, 'sweep')] : [];
}

function ladderWithoutSteps({ stopAbove, sweep }: SoundFields): Violation[] {
  if (stopAbove === undefined || combinations(sweep) > 1) return [];
  const message = 'only a ladder stops, and a ladder has steps; write them as sweep: { connections: [1000, 2000] }';
  return [violation(message, 'stopAbove')];
}

function moreThanConnections(file: SoundFields): Violation[] {
  const connections = fewest(sweptValues(file, 'connections'));
  if (connections === undefined) return [];
  const most = connections.value;
  const sentences = {
    publishers: (value: number) => `publishers are connections that send, so ${value} of ${most} is impossible`,
    rooms: (value: number) => `every room needs a member, so ${value} rooms for ${most} connections are too many`,
  };
  return (['publishers', 'rooms'] as const).flatMap((key) =>
    sweptValues(file, key)
      .filter(({ value }) => value > most)
      .map(({ value, path }) => violation(`${sentences[key](value)}; at most ${most}`, path, connections.path)),
  );
}

/** The first combination of connections and publishers that leaves too few to read slowly. */
function tooManySlowReaders(file: SoundFields): Violation[] {
  const { kind, slowReaders } = file;
  if (kind === undefined || slowReaders === undefined || !('publishers' in file)) return [];
  for (const connections of sweptValues(file, 'connections')) {
    const publishers = most(sweptValues(file, 'publishers'));
    const sending = publishers?.value ?? defaultPublishers(kind, connections.value);
    const slow = slowReadersOf(slowReaders, connections.value);
    if (sending <= connections.value && slow + sending > connections.value)
      return [
        violation(
          `slow readers do not send, and ${slow} of them with ${sending} that publish are more than ` +
            `${connections.value} connections; lower one of them`,
          'slowReaders',
          publishers?.path ?? 'publishers',
          connections.path,
        ),
      ];
  }
  return [];
}

function tooManyRelativeGates({ gates = [] }: SoundFields): Violation[] {
  const relative = gates.flatMap((text, index) => {
    const gate = parseGate(text);
    return 'is' in gate && gate.is === 'relative' ? [index] : [];
  });
  const first = relative[maxRelativeGates];
  return first === undefined ? [] : [violation(tooManyRelative, ['gates', first])];
}

/** Fields without a use, fields without which the kind cannot do, and what a kind cannot vary or wait for. */
function kindMismatches(file: SoundFields): Violation[] {
  const { kind } = file;
  if (kind === undefined) return [];
  return [...useless(file, kind), ...missing(file, kind), ...nothingToVary(file), ...answerless(file, kind)];
}

function useless({ sweep = {}, ...file }: SoundFields, kind: Kind): Violation[] {
  const fields = kindFields.filter((field) => file[field] !== undefined);
  const swept = Object.entries(sweep).flatMap(([key, values]) => (values === undefined ? [] : [key]));
  return [
    ...fields.flatMap((field) => uselessness(kind, field, field, [[field], ...flagPaths(field)])),
    ...swept.flatMap((key) => uselessness(kind, variedBy(key), key, [['sweep', key]])),
  ];
}

/** What a flag may have put into a field. */
function flagPaths(field: KindField): Path[] {
  return fieldEntries.flatMap(([, { key, flags = {} }]) =>
    key === field ? Object.values(flags).map(({ path }) => path) : [],
  );
}

/** The field that a key of `sweep` varies, if not every kind uses it. */
function variedBy(list: string): KindField | undefined {
  const entry = fieldEntries.find(([, { swept }]) => Object.hasOwn(swept?.() ?? {}, list));
  return kindFields.find((field) => field === entry?.[1].key);
}

function uselessness(kind: Kind, field: KindField | undefined, key: string, fields: Violation['fields']): Violation[] {
  if (field === undefined || uses(kind, field)) return [];
  const fitting = kindNames.filter((other) => uses(other, field));
  const inWords = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(fitting);
  return [violation(`kind ${kind} has no use for ${key}: remove it or use kind: ${inWords}`, ...fields)];
}

function missing(file: SoundFields, kind: Kind): Violation[] {
  return fieldEntries.flatMap(([, { key, needed }]): Violation[] => {
    const used = kindFields.some((field) => field === key && uses(kind, field));
    const isGiven = !(key in file) || file[key] !== undefined || Object.hasOwn(file.sweep ?? {}, key);
    return needed === undefined || !used || isGiven ? [] : [violation(`missing; write ${key}: ${needed}`, key)];
  });
}

/** An outage has more to say than how it happens. */
function nothingToVary(file: SoundFields): Violation[] {
  if (file.sweep?.outage === undefined || !('outage' in file) || file.outage !== undefined) return [];
  return [violation(`there is no outage to vary; write outage: ${outageExample} as well`, 'sweep.outage')];
}

function answerless({ load }: SoundFields, kind: Kind): Violation[] {
  if (load?.model !== 'closed' || !isScheduled(kind)) return [];
  const message = `kind ${kind} follows a schedule and waits for no answer: use model: open`;
  return [violation(message, 'load.model', 'load.inflight')];
}
