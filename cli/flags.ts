/** Flags of the command line: how a command gets their types, what a repeated one means, and which an unknown one meant. */

import type { Arguments, ArgumentsCamelCase, Argv, MiddlewareFunction } from 'yargs';
import { nearest } from '../core/printable.js';

export type AddCommand = (cli: Argv) => Argv;

/** A command whose handler gets exactly the flags that its builder declares. */
export function command<Flags>(module: {
  readonly command: string;
  readonly describe: string;
  readonly builder: (yargs: Argv) => Argv<Flags>;
  readonly handler: (flags: ArgumentsCamelCase<Flags>) => void | Promise<void>;
}): AddCommand {
  return (cli) => cli.command(module.command, module.describe, module.builder, module.handler);
}

interface Options {
  /** Flags that are lists. */
  readonly array: readonly string[];
  /** All flags, by name; aliases are names of their own. */
  readonly key: Readonly<Record<string, unknown>>;
}

/** What yargs has, but not its published types. */
declare module 'yargs' {
  interface Argv<T> {
    getOptions(): Options;
    /** Of one and of several, told apart by the number that is inserted. */
    updateStrings(texts: Readonly<Record<string, { readonly one: string; readonly other: string }>>): this;
  }
}

/**
 * Of a flag that is given more than once, a list collects the values and anything else has its last. This is a yargs
 * middleware, before values are validated; yargs itself knows only one rule for all flags. It gives a middleware two
 * arguments, of which its published types know the first.
 */
export const lastOfRepeated = keepLast as MiddlewareFunction;

function keepLast(flags: Arguments, yargs: Argv): void {
  const lists = new Set(yargs.getOptions().array.map(plain));
  for (const [name, value] of Object.entries(flags))
    if (Array.isArray(value) && name !== '_' && name !== '--' && !lists.has(plain(name))) flags[name] = value.at(-1);
}

/** `base-target` and `baseTarget` are the same flag. */
function plain(name: string): string {
  return name.replaceAll('-', '').toLowerCase();
}

/** @returns `message` of yargs in our words where it is about unknown flags, otherwise as it is. */
export function explainUnknown(message: string, yargs: Argv): string {
  const [, list] = /^Unknown arguments?: (.*)$/s.exec(message) ?? [];
  if (list === undefined) return message;
  const known = Object.keys(yargs.getOptions().key);
  const meant = list.split(', ').map((name) => [name, nearest(name, known)] as const);
  const corrections = meant.flatMap(([name, flag]) => (flag === undefined ? [] : [`--${flag} for ${name}`]));
  return corrections.length === 0 ? message : `${message}\nDid you mean ${corrections.join(', ')}?`;
}
