/** Flags of the command line: how a command gets their types, what a repeated one means, and which an unknown one meant. */

import type { Arguments, ArgumentsCamelCase, Argv, MiddlewareFunction } from 'yargs';
import { nearest } from '../core/printable.js';
import { UsageError } from '../runners/failure.js';

export type AddCommand = (cli: Argv) => void;

/**
 * Thrown when a command line was read, with what is to be done. When a handler returns, yargs lays out the help of its
 * command, which nobody asked for and takes 0.1 s.
 */
export class Chosen extends Error {
  constructor(readonly work: () => void | Promise<void>) {
    super('a command was chosen');
  }
}

/** A command whose handler gets exactly the flags that its builder declares. */
export function command<Flags>(module: {
  readonly command: string;
  readonly describe: string;
  readonly builder: (yargs: Argv) => Argv<Flags>;
  readonly handler: (flags: ArgumentsCamelCase<Flags>) => void | Promise<void>;
}): AddCommand {
  const { builder, handler } = module;
  return (cli) =>
    cli.command(
      module.command,
      module.describe,
      (yargs) => builder(withExamplesBelow(yargs)),
      (flags) => {
        throw new Chosen(() => handler(flags));
      },
    );
}

/**
 * Has `example` print each command on a line of its own with its explanation below: yargs gives a command half the width,
 * and breaks it where it is longer.
 */
function withExamplesBelow(yargs: Argv): Argv {
  let title = 'Examples:\n';
  const example = (command: string, explanation: string): Argv => {
    yargs.epilogue(`${title}  ${command}\n      ${explanation}`);
    title = '';
    return yargs;
  };
  return Object.assign(yargs, { example });
}

/** Of commands that print a report as text. */
export const detailsOption = {
  type: 'boolean',
  default: false,
  describe: 'Every table, warning and note of text, every column of csv; not the finding alone',
} as const;

interface Options {
  /** Flags that are lists. */
  readonly array: readonly string[];
  /** Flags that take no value. */
  readonly boolean: readonly string[];
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

/** Flags that have a meaning without a value, too: an empty one. */
const alsoAlone = ['start', 'agents'];

/**
 * Of a flag that is given more than once, a list collects the values and anything else has its last; one that takes a value
 * must have one. This is a yargs middleware, before values are validated; yargs itself knows only one rule for all flags,
 * and takes one without a value for one that is not given, or for 0. It gives a middleware two arguments, of which its
 * published types know the first.
 * @param words of the command line.
 */
export function valuesOfFlags(words: readonly string[]): MiddlewareFunction {
  const settle = (flags: Arguments, yargs: Argv): void => {
    const { array, boolean, key } = yargs.getOptions();
    const lists = new Set(array.map(plain));
    for (const [name, value] of Object.entries(flags))
      if (Array.isArray(value) && name !== '_' && name !== '--' && !lists.has(plain(name))) flags[name] = value.at(-1);
    const taking = new Set(Object.keys(key).map(plain));
    for (const name of [...boolean, ...alsoAlone]) taking.delete(plain(name));
    const bare = withoutValue(words).filter((name) => taking.has(plain(name)));
    if (bare.length > 0) throw new UsageError(bare.map((name) => `--${name}: a value is expected`).join('\n'));
  };
  return settle as MiddlewareFunction;
}

/** Names of flags behind which there is nothing, or the next flag; a negative number is a value. */
function withoutValue(words: readonly string[]): string[] {
  const end = words.indexOf('--');
  const own = end < 0 ? words : words.slice(0, end);
  return own.flatMap((word, at) => {
    const [, name, equals] = /^--([\w-]+)(=?)$/.exec(word) ?? [];
    const value = equals === '=' ? '' : (own[at + 1] ?? '');
    return name !== undefined && (value === '' || /^-(?!\.?\d)/.test(value)) ? [name] : [];
  });
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
