/** Owns what is said of flags that a command does not have: each, with the one that was probably meant. */

import type { Argv } from 'yargs';
import { nearest } from '../core/suggestion.js';
import { optionsOf } from './options-of.js';

/** @returns `message` of yargs in our words where it is about unknown flags, otherwise as it is. */
export function explainUnknown(message: string, yargs: Argv): string {
  const [, list] = /^Unknown arguments?: (.*)$/s.exec(message) ?? [];
  if (list === undefined) return message;
  const known = Object.keys(optionsOf(yargs).key);
  const meant = list.split(', ').map((name) => [name, nearest(name, known)] as const);
  const corrections = meant.flatMap(([name, flag]) => (flag === undefined ? [] : [`--${flag} for ${name}`]));
  return corrections.length === 0 ? message : `${message}\nDid you mean ${corrections.join(', ')}?`;
}
