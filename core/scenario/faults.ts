/** The sentence and the position of everything that the schema, the rules and the targets find wrong in a file. */

import type { ZodError } from 'zod';
import { nearest, quote, show, suggestion } from '../printable.js';
import { foreign, isModelKey, violations } from './rules.js';
import { knownKeys, type SoundFields, scenarioFileSchema } from './schema.js';
import { type KnownTargets, targetFaults } from './targets.js';
import type { Fault, Path, Position, YamlTree } from './yaml-document.js';

type Issue = ZodError['issues'][number];

/** @param error what the schema says of the tree, undefined when it is content. @returns faults in no order. */
export function fileFaults(tree: YamlTree, error: ZodError | undefined, targets: KnownTargets): Fault[] {
  const faults: Fault[] = [];
  const fault = (path: Path, message: string, position = tree.positionOf(path)) =>
    faults.push({ ...position, message: path.length === 0 ? message : `${pathText(path)}: ${message}` });

  for (const issue of (error?.issues ?? []).flatMap((issue) => unfolded(issue, tree.value))) {
    const { path } = issue;
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys) fault([...path, key], unknownKey(path, key), tree.positionOfKey(path, key));
    else if (issue.code === 'invalid_union' && path.at(-1) === 'model')
      fault(path, wrongModel(valueAt(tree.value, path)));
    else fault(path, issue.message, positionOf(issue, tree));
  }
  for (const { fields, message } of violations(soundFields(tree.value, error), targets.describe))
    fault(fields[0], message);
  return [...faults, ...targetFaults(tree, targets)];
}

/** What is wrong with a map that stands where it may: the faults of its fields, not of every form that is allowed there. */
function unfolded(issue: Issue, root: unknown): Issue[] {
  if (issue.code !== 'invalid_union' || !isMap(valueAt(root, issue.path))) return [issue];
  const ofMap = issue.errors.find((found) =>
    found.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  return ofMap?.flatMap((inner) => unfolded({ ...inner, path: [...issue.path, ...inner.path] }, root)) ?? [issue];
}

/** A gate's fault points into its text. */
function positionOf(issue: Issue, tree: YamlTree): Position {
  const character = issue.code === 'custom' ? issue.params?.['character'] : undefined;
  return typeof character === 'number' ? tree.positionIn(issue.path, character) : tree.positionOf(issue.path);
}

/** `load.rate`, `targets[1]`; keys are the file's, so they are cut and made printable. */
function pathText(path: Path): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${plainKey(String(step))}`))
    .join('')
    .slice(1);
}

function plainKey(key: string): string {
  return /^[\w-]{1,40}$/.test(key) ? key : quote(key);
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown> | undefined)?.[step], root);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrongModel(model: unknown): string {
  const models = ['open', 'closed', 'search'];
  if (model === undefined || model === null) return 'missing; write model: open or model: closed';
  return `${show(model)} is unknown; ${typeof model === 'string' ? suggestion(model, models) : `one of ${models.join(', ')}`}`;
}

function unknownKey(path: Path, key: string): string {
  const section = path.filter((step) => typeof step !== 'number').join('.');
  if (section === 'load' && isModelKey(key)) return foreign(key);
  const [home] = [...knownKeys].find(([other, keys]) => other !== section && keys.includes(key)) ?? [];
  const here = knownKeys.get(section) ?? [];
  if (home !== undefined && nearest(key, here) === undefined)
    return `unknown key here; it belongs ${home === '' ? 'at the top level' : `under ${home}`}`;
  return `unknown key; ${suggestion(key, here)}`;
}

/** The top-level fields without any issue of their own, as the schema reads them. */
function soundFields(value: unknown, error: ZodError | undefined): SoundFields {
  if (!isMap(value)) return {};
  const wrong = new Set(error?.issues.map(({ path }) => path[0]));
  const sound = Object.entries(scenarioFileSchema.shape)
    .filter(([key]) => !wrong.has(key))
    .map(([key, schema]) => [key, schema.parse(value[key])]);
  return Object.fromEntries(sound);
}
