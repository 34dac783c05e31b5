/** Owns which fields of a scenario file a kind has a use for, and which of them it cannot do without. */

import { isPushed, isStorm, type Kind, type KindField, kindFields, kindNames, uses } from '../kind.js';
import { loadExample, outageExample, payloadExample, type Sweep } from './schema.js';
import type { SoundFields, Violation } from './violation.js';
import type { Path } from './yaml-document.js';

/** The field of the kind that a key of `sweep` varies. */
const variedBy: Readonly<Partial<Record<keyof Sweep, KindField>>> = {
  publishers: 'publishers',
  rate: 'load',
  inflight: 'load',
  size: 'payload',
  type: 'payload',
  rooms: 'rooms',
  blocking: 'blocking',
  outage: 'outage',
};

/** What a flag may have put into a field. */
const parts: Readonly<Partial<Record<KindField, readonly Path[]>>> = {
  load: [
    ['load', 'rate'],
    ['load', 'inflight'],
  ],
  payload: [['payload', 'size']],
};

/** Needed by every kind that has a use for them. */
const needed = { load: loadExample, payload: payloadExample, rooms: '10' } as const;

/** Fields without a use, fields without which the kind cannot do, and what a kind cannot vary or wait for. */
export function kindMismatches(file: SoundFields): Violation[] {
  const { kind } = file;
  if (kind === undefined) return [];
  return [...useless(file, kind), ...missing(file, kind), ...nothingToVary(file), ...answerless(file, kind)];
}

function useless({ sweep = {}, ...file }: SoundFields, kind: Kind): Violation[] {
  const fields = kindFields.filter((field) => file[field] !== undefined);
  const swept = (Object.keys(sweep) as (keyof Sweep)[]).filter((key) => sweep[key] !== undefined);
  return [
    ...fields.flatMap((field) => uselessness(kind, field, field, [[field], ...(parts[field] ?? [])])),
    ...swept.flatMap((key) => uselessness(kind, variedBy[key], key, [['sweep', key]])),
  ];
}

function uselessness(kind: Kind, field: KindField | undefined, key: string, fields: Violation['fields']): Violation[] {
  if (field === undefined || uses(kind, field)) return [];
  const fitting = kindNames.filter((other) => uses(other, field));
  return [{ fields, message: `kind ${kind} has no use for ${key}: remove it or use kind: ${inWords(fitting)}` }];
}

/** `echo, ack or room`. */
function inWords(words: readonly string[]): string {
  return words.length === 1 ? words[0]! : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function missing(file: SoundFields, kind: Kind): Violation[] {
  return (Object.keys(needed) as (keyof typeof needed)[])
    .filter((key) => uses(kind, key) && key in file && file[key] === undefined)
    .filter((key) => key !== 'rooms' || file.sweep?.rooms === undefined)
    .map((key) => ({ fields: [[key]], message: `missing; write ${key}: ${needed[key]}` }));
}

/** An outage has more to say than how it happens. */
function nothingToVary(file: SoundFields): Violation[] {
  if (file.sweep?.outage === undefined || !('outage' in file) || file.outage !== undefined) return [];
  return [
    { fields: [['sweep', 'outage']], message: `there is no outage to vary; write outage: ${outageExample} as well` },
  ];
}

function answerless({ load }: SoundFields, kind: Kind): Violation[] {
  if (load?.model !== 'closed' || !(isPushed(kind) || isStorm(kind))) return [];
  return [
    {
      fields: [
        ['load', 'model'],
        ['load', 'inflight'],
      ],
      message: `kind ${kind} follows a schedule and waits for no answer: use model: open`,
    },
  ];
}
