/** Owns what a flag means that is given more than once: a list collects, anything else counts with its last value. */

import type { Arguments, Argv, MiddlewareFunction } from 'yargs';
import { optionsOf } from './options-of.js';

/**
 * As a yargs middleware, before values are validated; yargs itself knows only one rule for all flags. It gives a
 * middleware two arguments, of which its published types know the first.
 */
export const lastOfRepeated = keepLast as MiddlewareFunction;

function keepLast(flags: Arguments, yargs: Argv): void {
  const lists = new Set(optionsOf(yargs).array.map(plain));
  for (const [name, value] of Object.entries(flags))
    if (Array.isArray(value) && name !== '_' && name !== '--' && !lists.has(plain(name))) flags[name] = value.at(-1);
}

/** `base-target` and `baseTarget` are the same flag. */
function plain(name: string): string {
  return name.replaceAll('-', '').toLowerCase();
}
