/** What the padding of a message consists of: the alphabet, a JSON document or random bytes. */

import type { Random } from '../random.js';
import type { PayloadType } from './message.js';

/**
 * - `repeat`: the alphabet over and over, the same in every message: the least work for a compressor.
 * - `json`: records as an application sends them: keys repeat, values differ. Cut to the size.
 * - `random`: as binary every byte is random; as text every letter of base64url is, which leaves 6 bits in 8.
 */
export const payloadContents = ['repeat', 'json', 'random'] as const;
export type PayloadContent = (typeof payloadContents)[number];

/** Fewer bytes in a message leave no room for a value of a record behind the header. */
export const leastVariedBytes = 64;

const letters = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');

const firstNames =
  'Ana Ben Chen Dina Elif Farid Grace Hugo Ines Jonas Kofi Lena Maria Nadia Omar Priya Quinn Rosa Sven Tomas Uma Vera Wei Yusuf'.split(
    ' ',
  );
const lastNames =
  'Adler Brown Costa Diaz Eriksen Fischer Garcia Hansen Ito Jensen Khan Lopez Meyer Novak Okafor Patel Rossi Santos Tanaka Weber'.split(
    ' ',
  );
const words =
  'a about after all also and any are at back be before but by call can check come day did do does done each end file find first for from get give go good has have how if in is it just know last late later let like list look make many maybe meeting message more need new next no not now of off ok on one only open or order other our out over page part please question ready reply report room same see send server should so some soon start still take team test than thanks that the their them then there these they think this time to today tomorrow two update use user very want was way we week were what when where which who why will with work would write yes yet you your'.split(
    ' ',
  );
const types = ['message', 'message', 'message', 'edit', 'reaction'] as const;
const rooms = ['general', 'support', 'random', 'design', 'release', 'on-call'] as const;

/** The first of January 2026. */
const firstSentMs = Date.UTC(2026, 0);

const below = (random: Random, limit: number): number => Math.floor(random.next() * limit);

function oneOf<T>(random: Random, values: readonly T[]): T {
  return values[below(random, values.length)] as T;
}

function hex(random: Random): string {
  return below(random, 2 ** 32)
    .toString(16)
    .padStart(8, '0');
}

/**
 * One message of a chat, in the notation of JSON but for single quotes in place of double ones. A compressor makes as much of
 * one as of the other, and in the text of an event a double quote would have to be escaped, which the object that an
 * application emits has not.
 */
function record(random: Random): string {
  const name = `${oneOf(random, firstNames)} ${oneOf(random, lastNames)}`;
  const user = `{'id':${10_000 + below(random, 90_000)},'name':'${name}','online':${random.next() < 0.7}}`;
  const room = `{'id':${1 + below(random, 5000)},'name':'${oneOf(random, rooms)}'}`;
  let text: string = oneOf(random, words);
  for (let more = 3 + below(random, 16); more > 0; more--) text += ` ${oneOf(random, words)}`;
  const sentAt = new Date(firstSentMs + below(random, 31_536_000_000)).toISOString();
  const replyTo = random.next() < 0.3 ? `'${hex(random)}${hex(random)}'` : 'null';
  return (
    `{'id':'${hex(random)}${hex(random)}','type':'${oneOf(random, types)}','room':${room},'user':${user},'text':'${text}',` +
    `'sentAt':'${sentAt}','position':${below(random, 1_000_000)},'score':${below(random, 10_000) / 10_000},'replyTo':${replyTo}}`
  );
}

/** A list of records, which ends with no space, because a server might trim that. */
function jsonText(random: Random, sizeBytes: number): Uint8Array {
  let text = '[';
  while (text.length < sizeBytes) text += `${record(random)},`;
  return Buffer.from(text.slice(0, sizeBytes).replace(/ $/, ','), 'latin1');
}

/** @returns `sizeBytes` of padding; all of it printable ASCII that JSON need not escape, except for random binary. */
export function paddingOf(content: PayloadContent, type: PayloadType, random: Random, sizeBytes: number): Uint8Array {
  if (content === 'json') return jsonText(random, sizeBytes);
  const bytes = new Uint8Array(sizeBytes);
  for (let i = 0; i < sizeBytes; i++) {
    const value = below(random, 256);
    bytes[i] = type === 'text' ? (letters[value % letters.length] ?? 0) : value;
  }
  return bytes;
}
