/** The entries under `targets:` of a scenario file: a name, or what is used, what is asked of it, and under which label. */

import * as z from 'zod';
import { expected, list, map } from '../field-sorts.js';
import { quote, show, suggestion } from '../printable.js';
import { fieldsOf, maxNameChars } from '../stored-value.js';
import { isTargetPath, type TargetDescription } from '../target.js';
import {
  askedOptionsShape,
  optionsOf,
  plainWords,
  type TargetOptions,
  variantLabel,
} from '../variant/target-options.js';
import type { Fault, YamlTree } from './yaml-document.js';

const maxLabelChars = 40;

/** Labels are given to `--target`, which separates names by commas and takes paths, and are keys of records. */
const labelRule = `a label has at most ${maxLabelChars} characters, begins with a letter or a digit, and is no path: no commas, slashes or control characters, and no .js at its end`;

function isLabel(text: string): boolean {
  return text.length <= maxLabelChars && /^[\p{L}\p{N}][^\p{C}\p{Zl}\p{Zp},]*$/u.test(text) && !isTargetPath(text);
}

const used = z
  .string({ error: expected('the name of a target, or the path of a server module', 'use: ./server.js') })
  .min(1, { error: 'empty; write use: ./server.js' })
  .max(maxNameChars, { error: `too long; at most ${maxNameChars} characters` });

const labelled = map('targets', '[{ use: ./server.js, label: ours }]', {
  use: used.describe(
    'Name of a target, or path of a server module, relative to the folder of this file. `bench run` runs its code.',
  ),
  label: z
    .string({ error: expected('a text', 'label: ours') })
    .refine(isLabel, { error: ({ input }) => `${show(input)} cannot be used; ${labelRule}` })
    .meta({ maxLength: maxLabelChars, examples: ['ours'] })
    .optional()
    .describe(
      'What stands in reports, and what --target takes. Default: what `use` says, and the options: ws +deflate.',
    ),
  ...askedOptionsShape(),
});

/** A path without a label is shown as it was written. */
const entry = z.union([used, labelled], { error: ({ input }) => notAnEntry(input) }).transform((given): TargetEntry => {
  if (typeof given === 'string') {
    const variant = variantNamed(given);
    if (typeof variant === 'object') return variant;
    return isTargetPath(given) ? { use: given, label: given } : given;
  }
  const options = optionsOf(given);
  const { use, label = variantLabel(use, options) } = given;
  return { use, label, ...(options && { options }) };
});

function notAnEntry(input: unknown): string {
  if (input === '') return 'empty; write ws';
  if (typeof input === 'string') return `too long; at most ${maxNameChars} characters`;
  return expected(
    'the name of a target, or what is used and a label',
    'ws, or { use: ./server.js, label: ours }',
  )({
    input,
  });
}

/** A name by itself: of a target, or a path that was given on the command line. */
export type TargetEntry = string | { readonly use: string; readonly label: string; readonly options?: TargetOptions };

const remedy = 'keep one, or give it a label of its own';

export const targetsSchema = list('targets', entry, '[ws, socketio]', labelOf, remedy).meta({
  description: 'Servers to measure: names (`bench targets` prints them), or server modules of your own with labels.',
});

/** The keys of an entry, and those of the maps in it, by the path of the map. */
export const targetFields = fieldsOf(labelled).map(({ path }) => path);

export function labelOf(entry: TargetEntry): string {
  return typeof entry === 'string' ? entry : entry.label;
}

/** What of a target exists, as whoever knows the folders says it. */
export interface KnownTargets {
  /** Of the targets that come with bench. */
  readonly names: readonly string[];
  /** Why a file must not, or cannot, name this server module; undefined where it may. */
  readonly moduleFault: (path: string) => string | undefined;
  /** What a target is; undefined where nobody knows yet. Asked of those alone of which something is asked. */
  readonly describe: (name: string) => TargetDescription | undefined;
}

/** An entry of a file that may have any other fault. */
interface WrittenEntry {
  readonly index: number;
  readonly isMap: boolean;
  readonly use: string;
  readonly label: string;
}

/** Those of the entries under `targets:` that can be understood, whatever else is wrong in the file. */
function writtenEntries(root: unknown): WrittenEntry[] {
  const targets: unknown = (root as { readonly targets?: unknown } | null | undefined)?.targets;
  return (Array.isArray(targets) ? targets : []).flatMap((given: unknown, index) => {
    const isMap = typeof given !== 'string';
    const read = entry.safeParse(given).data ?? (isMap ? Object(given) : given);
    const { use, label = use } = typeof read === 'string' ? { use: read } : read;
    return typeof use === 'string' && use !== '' && typeof label === 'string' ? [{ index, isMap, use, label }] : [];
  });
}

/** What `--target` may name besides the targets of bench: the labels of the file. */
export function labelsIn(root: unknown): string[] {
  return writtenEntries(root).map(({ label }) => label);
}

/** Of every entry, because one wrong name must not hide another. */
export function targetFaults(tree: YamlTree, { names, moduleFault }: KnownTargets): Fault[] {
  return writtenEntries(tree.value).flatMap(({ index, isMap, use, label }) => {
    const at = (key: string, message: string): Fault => ({
      ...tree.positionOf(['targets', index, ...(isMap ? [key] : [])]),
      message: `targets[${index}]${isMap ? `.${key}` : ''}: ${message}`,
    });
    const wrong = isTargetPath(use) ? moduleFault(use) : names.includes(use) ? undefined : unknownTarget(use, names);
    const misleading = label !== use && names.includes(label);
    return [
      ...(wrong === undefined ? [] : [at('use', wrong)]),
      ...(misleading
        ? [at('label', `${quote(label)} is the name of another target; write a label that none has`)]
        : []),
    ];
  });
}

/**
 * `ws+deflate`, or `ws +deflate +tls`: a target with options that need no value.
 * @returns undefined where there is no plus sign, or a sentence where a word behind one stands for nothing.
 */
export function variantNamed(name: string): Exclude<TargetEntry, string> | string | undefined {
  const [use = '', ...words] = name.split('+').map((part) => part.trim());
  if (words.length === 0) return undefined;
  const wrong = words.find((word) => !plainWords.has(word));
  if (wrong !== undefined)
    return `there is no option ${quote(wrong)} to add; ${suggestion(wrong, [...plainWords.keys()])}`;
  const options: TargetOptions = Object.fromEntries(words.flatMap((word) => [plainWords.get(word) ?? []]));
  return { use, label: variantLabel(use, options), options };
}

export function unknownTarget(name: string, known: readonly string[]): string {
  const variant = variantNamed(name);
  if (typeof variant === 'string') return variant;
  const use = variant?.use ?? name;
  return `there is no target ${quote(use)}; ${suggestion(use, known)}`;
}

/** Whether `--target` may name it, of what is known by these names. */
export function isNamable(name: string, known: readonly string[]): boolean {
  if (known.includes(name)) return true;
  const variant = variantNamed(name);
  return typeof variant === 'object' && known.includes(variant.use);
}
