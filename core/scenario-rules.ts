/** Owns what must hold between the fields of a scenario file, each field being right by itself. */

import { maxRelativeGates, tooManyRelative } from './gate.js';
import { parseGate } from './gate-syntax.js';
import { maxWorkloads } from './limits.js';
import { maxSequence } from './message.js';
import type { ScenarioFile } from './scenario-schema.js';
import { combinations, defaultPublishers } from './sweep.js';
import { writeDuration, writeRate } from './units.js';
import type { Path } from './yaml-document.js';

export interface Violation {
  /** Every field that plays a part, the one most likely wrong first. */
  readonly fields: readonly [Path, ...Path[]];
  readonly message: string;
}

/** Fields that are wrong by themselves are absent: a rule that needs one of them is skipped. */
export type SoundFields = Partial<ScenarioFile>;

interface Candidate {
  readonly value: number;
  readonly path: Path;
}

/** All rules that `file` breaks; none for a file whose sweep is wrong, because nearly all of them look at it. */
export function violations(file: SoundFields): Violation[] {
  if (!('sweep' in file)) return [];
  return [
    ...modelMismatches(file),
    ...tooManyWorkloads(file),
    ...tooManyPublishers(file),
    ...sequenceOverflows(file),
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

/** The values that a field takes: those of its sweep, or else its own. */
function candidates(file: SoundFields, key: 'connections' | 'publishers'): Candidate[] {
  const swept = file.sweep?.[key];
  if (swept !== undefined) return swept.map((value, index) => ({ value, path: ['sweep', key, index] }));
  const own = file[key];
  return own === undefined ? [] : [{ value: own, path: [key] }];
}

function fewest(values: readonly Candidate[]): Candidate | undefined {
  return values.reduce<Candidate | undefined>(
    (least, one) => (least && least.value <= one.value ? least : one),
    undefined,
  );
}

function tooManyPublishers(file: SoundFields): Violation[] {
  const connections = fewest(candidates(file, 'connections'));
  if (connections === undefined) return [];
  return candidates(file, 'publishers')
    .filter(({ value }) => value > connections.value)
    .map(({ value, path }) => ({
      fields: [path, connections.path],
      message: `publishers are connections that send, so ${value} of ${connections.value} is impossible; at most ${connections.value}`,
    }));
}

/** A header numbers each sender's messages with 30 bits; a closed loop has no rate from which to foresee the count. */
function sequenceOverflows(file: SoundFields): Violation[] {
  const { kind, load, phases, sweep } = file;
  const connections = fewest(candidates(file, 'connections'));
  const publishers = fewest(candidates(file, 'publishers'));
  // An absent `publishers` key means the default, a wrong one means that the number of senders is unknown.
  if (!kind || load?.model !== 'open' || !phases || !connections || !('publishers' in file)) return [];
  const senders = publishers?.value ?? defaultPublishers(kind, connections.value);
  const milliseconds = phases.warmup + phases.measure;
  const rates: Candidate[] = sweep?.rate?.map((value, index) => ({ value, path: ['sweep', 'rate', index] })) ?? [
    { value: load.rate, path: ['load', 'rate'] },
  ];
  return rates
    .filter(({ value }) => mostMessages((value / senders) * (milliseconds / 1000)) > maxSequence)
    .map(({ value, path }) => ({
      fields: [path, ['phases', 'measure'], ['phases', 'warmup'], publishers?.path ?? ['publishers'], connections.path],
      message:
        `${writeRate(value)} by ${senders} publisher${senders === 1 ? '' : 's'} for ${writeDuration(milliseconds)} is more ` +
        `than the ${maxSequence} messages that one sender can number; lower the rate, shorten the phases or add publishers`,
    }));
}

function tooManyRelativeGates({ gates = [] }: SoundFields): Violation[] {
  const relative = gates.flatMap((text, index) => {
    const gate = parseGate(text);
    return 'is' in gate && gate.is === 'relative' ? [index] : [];
  });
  const first = relative[maxRelativeGates];
  return first === undefined ? [] : [{ fields: [['gates', first]], message: tooManyRelative }];
}

/** Random arrivals may exceed their mean; ten standard deviations are never seen. */
function mostMessages(mean: number): number {
  return Math.ceil(mean + 10 * Math.sqrt(mean));
}
