/** What must hold between the figures of a scenario file, each field being right by itself. */

import { maxRelativeGates, tooManyRelative } from '../gates/gate.js';
import { parseGate } from '../gates/gate-syntax.js';
import { maxWorkloads } from '../workload/field-sorts.js';
import { slowReadersOf } from '../workload/optional-fields.js';
import { defaultPublishers } from '../workload/required-fields.js';
import { kindMismatches } from './kind-fields.js';
import { phaseViolations } from './phase-rules.js';
import type { SoundFields, Violation } from './schema.js';
import { combinations, fewest, most, sweptValues } from './sweep.js';

/** All rules that `file` breaks; none for a file whose sweep is wrong, because nearly all of them look at it. */
export function violations(file: SoundFields): Violation[] {
  if (!('sweep' in file)) return [];
  return [
    ...kindMismatches(file),
    ...modelMismatches(file),
    ...tooManyWorkloads(file),
    ...ladderWithoutSteps(file),
    ...tooManyPublishers(file),
    ...tooManyRooms(file),
    ...tooManySlowReaders(file),
    ...phaseViolations(file),
    ...tooManyRelativeGates(file),
  ];
}

function modelMismatches({ load, sweep }: SoundFields): Violation[] {
  if (load === undefined) return [];
  const stranger = load.model === 'open' ? 'inflight' : 'rate';
  return sweep?.[stranger] === undefined ? [] : [{ fields: [['sweep', stranger]], message: foreign(stranger) }];
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
  return count > maxWorkloads ? [{ fields: [['sweep']], message }] : [];
}

function ladderWithoutSteps({ stopAbove, sweep }: SoundFields): Violation[] {
  if (stopAbove === undefined || combinations(sweep) > 1) return [];
  const message = 'only a ladder stops, and a ladder has steps; write them as sweep: { connections: [1000, 2000] }';
  return [{ fields: [['stopAbove']], message }];
}

function tooManyPublishers(file: SoundFields): Violation[] {
  const connections = fewest(sweptValues(file, 'connections'));
  if (connections === undefined) return [];
  return sweptValues(file, 'publishers')
    .filter(({ value }) => value > connections.value)
    .map(({ value, path }) => ({
      fields: [path, connections.path],
      message: `publishers are connections that send, so ${value} of ${connections.value} is impossible; at most ${connections.value}`,
    }));
}

function tooManyRooms(file: SoundFields): Violation[] {
  const connections = fewest(sweptValues(file, 'connections'));
  if (connections === undefined) return [];
  return sweptValues(file, 'rooms')
    .filter(({ value }) => value > connections.value)
    .map(({ value, path }) => ({
      fields: [path, connections.path],
      message: `every room needs a member, so ${value} rooms for ${connections.value} connections are too many; at most ${connections.value}`,
    }));
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
        {
          fields: [['slowReaders'], publishers?.path ?? ['publishers'], connections.path],
          message:
            `slow readers do not send, and ${slow} of them with ${sending} that publish are more than ` +
            `${connections.value} connections; lower one of them`,
        },
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
  return first === undefined ? [] : [{ fields: [['gates', first]], message: tooManyRelative }];
}
