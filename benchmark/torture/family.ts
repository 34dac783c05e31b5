/** What the families of attacks have in common: how one is described, what it draws by chance, and what no output may hold. */

import type { Random } from '../../core/random.js';

export interface Attempt {
  /** Of its family, from 0 on: what is to be tried equally often depends on it. */
  readonly number: number;
  readonly random: Random;
  /** Empty, and kept when something was mishandled. */
  readonly folder: string;
}

export interface Family {
  readonly name: string;
  /** How often it is tried in a full and in a short run. */
  readonly tries: { readonly full: number; readonly short: number };
  /** Why it cannot be tried on this machine. */
  skipped?(): string | undefined;
  /** @returns a sentence for each thing that was mishandled. */
  attack(attempt: Attempt): Promise<readonly string[]>;
}

/** A whole number from 0 to below `end`. */
export function below(end: number, random: Random): number {
  return Math.floor(random.next() * end);
}

export function pick<T>(from: readonly [T, ...T[]] | readonly T[], random: Random): T {
  const found = from[below(from.length, random)];
  if (found === undefined) throw new Error('there is nothing to pick from');
  return found;
}

/** Lines of a stack, what Node.js prints of an error that nobody caught, and our own words for what was not foreseen. */
const crash = /^ +at .*:\d+:\d+\)?$|this is a bug|^node:internal|^Node\.js v\d|AssertionError|FATAL ERROR/m;

/** @returns the line of `text` that only an error of bench itself prints. */
export function crashIn(text: string): readonly string[] {
  const found = crash.exec(text);
  return found ? [`it printed what only a crash prints: ${found[0].trim()}`] : [];
}

/** All that a terminal may obey but tabs and line ends: control characters, and marks that turn the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const obeyed = /\r(?!\n)|[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]|^(?:::|##\[|##vso)/m;

/** @returns what a terminal or a CI system would obey in `text`. */
export function obeyedIn(text: string, where: string): readonly string[] {
  const found = obeyed.exec(text);
  return found ? [`${where} holds ${JSON.stringify(text.slice(found.index, found.index + 20))} as it is`] : [];
}
