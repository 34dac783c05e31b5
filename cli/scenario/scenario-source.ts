/** Finds and reads scenarios: a file of the user's, or one that ships with the package. */

import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { printable, suggestion } from '../../core/printable.js';
import {
  type AskedServer,
  formatProblem,
  type ParsedScenario,
  type Problem,
  parseScenario,
} from '../../core/scenario/scenario-file.js';
import type { Overrides } from '../../core/scenario/schema.js';
import type { Scenario } from '../../core/scenario.js';
import { isTargetPath, type TargetDescription } from '../../core/target.js';
import { formatCount } from '../../core/units.js';
import { UsageError } from '../../runners/failure.js';
import { describeTarget, loadTarget } from '../../runners/server/load-target.js';
import { targetNames } from '../../runners/target-catalogue.js';
import { packageFolder } from '../package-version.js';

const shippedFolder = join(packageFolder, 'scenarios');
const ending = /\.ya?ml$/;

/** Paths of the scenarios that ship with the package. */
export function shippedScenarios(): string[] {
  return readdirSync(shippedFolder)
    .filter((name) => ending.test(name))
    .sort()
    .map((name) => join(shippedFolder, name));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The file meant by `name`: a path, or else a shipped scenario with or without folder and ending. */
export function scenarioFile(name: string): string {
  if (isFile(name)) return name;
  const base = basename(name).replace(ending, '');
  const shipped = new Map(shippedScenarios().map((path) => [basename(path).replace(ending, ''), path]));
  const path = shipped.get(base);
  if (path !== undefined) return path;
  throw new UsageError(
    `there is no file ${printable(name)}, and no shipped scenario of that name; ${suggestion(base, [...shipped.keys()])}`,
  );
}

export async function readScenario(
  name: string,
  overrides?: Overrides,
): Promise<ScenarioRead | { readonly problems: readonly Problem[] }> {
  const path = scenarioFile(name);
  const parsed = await parsedFully(readFileSync(path, 'utf8'), path, overrides);
  return 'problems' in parsed ? parsed : { path, ...parsed };
}

/** The targets of bench that are asked for options are loaded, and the text is read again with what they say of themselves. */
async function parsedFully(text: string, path: string, overrides: Overrides | undefined): Promise<ParsedScenario> {
  const known = new Map<string, TargetDescription | undefined>();
  const modules = overrides?.targets?.filter(isTargetPath) ?? [];
  const parse = () =>
    parseScenario(text, path, [...targetNames(), ...modules], overrides, {
      moduleFault: (module) => moduleFault(module, dirname(path)),
      describe: (target) => {
        if (!known.has(target)) known.set(target, undefined);
        return known.get(target);
      },
    });
  const parsed = parse();
  const names = [...known.keys()].filter((target) => targetNames().includes(target));
  for (const target of names) known.set(target, describeTarget(target, await loadTarget(target)));
  return names.length === 0 ? parsed : parse();
}

/** A scenario, and the server of the user's own that it is for, if it is. */
interface ScenarioRead {
  readonly path: string;
  readonly scenario: Scenario;
  readonly asked?: AskedServer | undefined;
}

/**
 * Why a scenario file in `folder` must not name this module. A module runs code, and a scenario file may come from a
 * stranger: what it names has to have come with it, or to lie where the user is at work.
 */
function moduleFault(module: string, folder: string): string | undefined {
  const path = resolve(folder, module);
  if (!isFile(path)) return `there is no file ${printable(path)}; the path is relative to the folder of this file`;
  const file = realpathSync(path);
  if ([folder, process.cwd()].some((allowed) => isBelow(file, realpathSync(allowed)))) return undefined;
  return (
    `${printable(file)} lies neither below the folder of this file nor below the working directory, and a scenario file runs ` +
    'no code from elsewhere; leave it out, and give --target with the path'
  );
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way.split(sep)[0] !== '..' && !isAbsolute(way);
}

/** Worker threads for each core: more would only take turns, and each takes memory. */
const mostRunnersPerCore = 4;

/**
 * A scenario whose servers bench starts.
 * @throws UsageError with every problem, a line each, also when it asks for more than this machine has.
 */
export async function requireScenario(name: string, overrides?: Overrides): Promise<Scenario> {
  const { scenario, asked } = required(await readScenario(name, overrides));
  if (asked === undefined) return scenario;
  throw new UsageError(`${printable(name)} is for a server of your own (endpoint); give it to bench run`);
}

/** The same, of a user's own server too. @param text of the scenario, where it is in no file. */
export async function requireAnyScenario(name: string, overrides: Overrides, text?: string): Promise<ScenarioRead> {
  if (text === undefined) return required(await readScenario(name, overrides));
  const parsed = parseScenario(text, 'url.yaml', targetNames(), overrides);
  return required('problems' in parsed ? parsed : { path: '', ...parsed });
}

function required(read: ScenarioRead | { readonly problems: readonly Problem[] }): ScenarioRead {
  if ('problems' in read)
    throw new UsageError(`the scenario cannot be used:\n${read.problems.map(formatProblem).join('\n')}`);
  const { runners = 1, serverCores = 1 } = read.scenario;
  const cores = availableParallelism();
  const most = mostRunnersPerCore * cores;
  if (runners > most)
    throw new UsageError(
      `${runners} runners are too many for this machine of ${formatCount(cores, 'core')}: at most ${most}, ` +
        `${mostRunnersPerCore} for each; give --runners ${most} or fewer, or leave it out for as many as it can use`,
    );
  if (serverCores > 1 && serverCores >= cores)
    throw new UsageError(
      `${serverCores} cores of the server leave none for the generator on this machine of ${formatCount(cores, 'core')}; ` +
        `${cores > 2 ? `give --server-cores ${cores - 1} or fewer, or leave it out` : 'leave out --server-cores'}`,
    );
  return read;
}
