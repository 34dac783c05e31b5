/** Which fields of a scenario file a kind has a use for, and which of them it cannot do without. */

import { isScheduled, type Kind, type KindField, kindFields, kindNames, uses } from '../kind.js';
import { outageExample } from '../workload/optional-fields.js';
import { fieldEntries } from '../workload/workload-fields.js';
import type { SoundFields, Violation } from './schema.js';
import type { Path } from './yaml-document.js';

/** Fields without a use, fields without which the kind cannot do, and what a kind cannot vary or wait for. */
export function kindMismatches(file: SoundFields): Violation[] {
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
  return [{ fields, message: `kind ${kind} has no use for ${key}: remove it or use kind: ${inWords(fitting)}` }];
}

const inWords = (words: readonly string[]): string =>
  new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(words);

function missing(file: SoundFields, kind: Kind): Violation[] {
  return fieldEntries.flatMap(([, { key, needed }]): Violation[] => {
    const used = kindFields.some((field) => field === key && uses(kind, field));
    const isGiven = !(key in file) || file[key] !== undefined || Object.hasOwn(file.sweep ?? {}, key);
    return needed === undefined || !used || isGiven
      ? []
      : [{ fields: [[key]], message: `missing; write ${key}: ${needed}` }];
  });
}

/** An outage has more to say than how it happens. */
function nothingToVary(file: SoundFields): Violation[] {
  if (file.sweep?.outage === undefined || !('outage' in file) || file.outage !== undefined) return [];
  return [
    { fields: [['sweep', 'outage']], message: `there is no outage to vary; write outage: ${outageExample} as well` },
  ];
}

function answerless({ load }: SoundFields, kind: Kind): Violation[] {
  if (load?.model !== 'closed' || !isScheduled(kind)) return [];
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
