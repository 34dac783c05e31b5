/** Owns which fields of a scenario file a kind has a use for, and which of them it cannot do without. */

import { type Kind, kindNames, kinds } from '../kind.js';
import { loadExample, outageExample, payloadExample, type ScenarioFile, type Sweep } from './schema.js';
import type { SoundFields, Violation } from './violation.js';
import type { Path } from './yaml-document.js';

const whereClientsSend = kindNames.filter((kind) => kinds[kind].sends === 'clients');
const whereMessagesFlow = kindNames.filter((kind) => ['clients', 'server'].includes(kinds[kind].sends));
const whereAnybodySends = kindNames.filter((kind) => kinds[kind].sends !== 'nobody');

/** Fields that not every kind has a use for. */
const uses = {
  publishers: whereClientsSend,
  load: whereAnybodySends,
  payload: whereAnybodySends,
  rooms: ['room'],
  ack: ['ack'],
  slowReaders: ['broadcast', 'room'],
  visitors: ['room'],
  blocking: ['echo'],
  outage: ['push'],
  heartbeat: ['idle'],
  stopAbove: whereMessagesFlow,
} satisfies Partial<Record<keyof ScenarioFile, readonly Kind[]>> as Record<string, readonly Kind[]>;

/** The field of the kind that a key of `sweep` varies. */
const variedBy: Readonly<Partial<Record<keyof Sweep, string>>> = {
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
const parts: Readonly<Record<string, readonly Path[]>> = {
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
  const fields = Object.keys(uses).filter((field) => file[field as keyof typeof file] !== undefined);
  const swept = (Object.keys(sweep) as (keyof Sweep)[]).filter((key) => sweep[key] !== undefined);
  return [
    ...fields.flatMap((field) => uselessness(kind, field, field, [[field], ...(parts[field] ?? [])])),
    ...swept.flatMap((key) => uselessness(kind, variedBy[key], key, [['sweep', key]])),
  ];
}

function uselessness(kind: Kind, field: string | undefined, key: string, fields: Violation['fields']): Violation[] {
  const fitting = uses[field ?? ''];
  if (fitting === undefined || fitting.includes(kind)) return [];
  return [{ fields, message: `kind ${kind} has no use for ${key}: remove it or use kind: ${inWords(fitting)}` }];
}

/** `echo, ack or room`. */
function inWords(words: readonly string[]): string {
  return words.length === 1 ? words[0]! : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function missing(file: SoundFields, kind: Kind): Violation[] {
  return (Object.keys(needed) as (keyof typeof needed)[])
    .filter((key) => uses[key]!.includes(kind) && key in file && file[key] === undefined)
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
  if (load?.model !== 'closed' || !['server', 'each once'].includes(kinds[kind].sends)) return [];
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
