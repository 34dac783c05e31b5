/** Owns which flags yargs knows at a given moment. */

import type { Argv } from 'yargs';

interface Options {
  /** Flags that are lists. */
  readonly array: readonly string[];
  /** All flags, by name; aliases are names of their own. */
  readonly key: Readonly<Record<string, unknown>>;
}

/** Not in the published types, but a part of yargs' interface since version 1. */
export function optionsOf(yargs: Argv): Options {
  return (yargs as unknown as { getOptions(): Options }).getOptions();
}
