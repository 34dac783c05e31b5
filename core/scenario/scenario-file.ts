/** From the text of a scenario file to a Scenario, or to everything that is wrong with it, all at once. */

import { printable } from '../printable.js';
import type { Scenario } from '../scenario.js';
import { fileFaults } from './faults.js';
import { flagFor, gateFaults, override, overrideFaults } from './overrides.js';
import { violations } from './rules.js';
import { type Overrides, type ScenarioFile, scenarioFileSchema, workloads } from './schema.js';
import { searchOf } from './search-rules.js';
import { workloadAt } from './search-workload.js';
import { type KnownTargets, labelOf, labelsIn } from './targets.js';
import { type Fault, readYaml } from './yaml-document.js';

export interface Problem extends Fault {
  readonly file: string;
}

const commandLine = 'command line';

/** What a file says of a server that is not started by bench; files named in it are not read yet. It holds secrets. */
export interface AskedServer extends Pick<ScenarioFile, 'users' | 'exchange'> {
  readonly endpoint: NonNullable<ScenarioFile['endpoint']>;
}

export type ParsedScenario =
  | { readonly scenario: Scenario; readonly asked?: AskedServer | undefined }
  | { readonly problems: readonly Problem[] };

/**
 * Reads one scenario. Never throws: whatever the text holds, the answer is a scenario or at least one problem.
 *
 * @param text the YAML, whoever wrote it
 * @param file its path as the user knows it; the scenario is named after it
 * @param targets names of the targets that exist
 * @param overrides values from the command line; their problems are in the file `command line`, line 1
 * @param known what else is known of targets and modules; nothing is wrong with them where it is not said
 */
export function parseScenario(
  text: string,
  file: string,
  targets: readonly string[],
  overrides: Overrides = {},
  { moduleFault = () => undefined, describe = () => undefined }: Partial<KnownTargets> = {},
): ParsedScenario {
  const name = nameOf(file);
  const { tree, faults } = readYaml(text);
  const found = [...faults];
  if (name === undefined) found.push({ line: 1, column: 1, message: 'the file needs a name before .yaml' });
  const parsed = tree && scenarioFileSchema.safeParse(tree.value);
  if (tree && parsed) found.push(...fileFaults(tree, parsed.error, { names: targets, moduleFault, describe }));
  const problems = [
    ...inOrder(found).map((fault) => ({ file, ...fault })),
    ...overrideFaults(overrides, [...labelsIn(tree?.value), ...targets]).map(onCommandLine),
    ...gateFaults(overrides).map((fault) => ({ file: commandLine, ...fault })),
  ];
  if (problems.length > 0 || name === undefined || !parsed?.success) return { problems };

  const scenarioFile = override(inOrderOfFile(parsed.data, tree?.value), overrides);
  const broken = violations(scenarioFile, describe);
  if (broken.length > 0)
    return { problems: broken.map((rule) => onCommandLine(`${flagFor(rule.fields, overrides)}: ${rule.message}`)) };
  const { endpoint, users, exchange, client, trials, seed, runners, serverCores, gates, stopAbove } = scenarioFile;
  const entries = endpoint ? [nameOfEndpoint(endpoint)] : (scenarioFile.targets ?? []);
  const own = entries.filter((entry) => typeof entry !== 'string');
  const named = { targets: entries.map(labelOf), labelled: own.length > 0 ? own : undefined };
  const search = searchOf(scenarioFile);
  const isOther = search !== undefined && parsed.data.load?.model !== 'search';
  const question = isOther ? `How much load do the targets of ${name} hold?` : questionOf(text);
  const asWritten = { name, question, ...named, client, trials, seed, runners, serverCores, gates };
  const stopAboveP95Us = stopAbove && stopAbove.p95 * 1000;
  const made = workloads(scenarioFile).map((each) => (search ? workloadAt(each, search, search.from) : each));
  const scenario = { ...asWritten, workloads: made, stopAboveP95Us, search };
  return { scenario, asked: endpoint && { endpoint, users, exchange } };
}

/** The name of an endpoint in reports: the URL without its query, which may hold a secret. */
function nameOfEndpoint({ label, url }: NonNullable<ScenarioFile['endpoint']>): string {
  if (label !== undefined) return printable(label);
  const { protocol, host, pathname } = new URL(url);
  return printable(`${protocol}//${host}${pathname === '/' ? '' : pathname}`).slice(0, 100);
}

/** `scenarios/x.yaml:3:12: message`, the form that editors and terminals make clickable. */
export function formatProblem({ file, line, column, message }: Problem): string {
  return `${printable(file)}:${line}:${column}: ${message}`;
}

/** The file's name without folders and ending, undefined when nothing usable as a folder name is left. */
function nameOf(file: string): string | undefined {
  const name = file.replace(/^.*[\\/]/s, '').replace(/\.ya?ml$/, '');
  return name === '' || name === '.' || name === '..' ? undefined : name;
}

/** The first comment before any content that is not addressed to an editor. */
function questionOf(text: string): string {
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const comment = /^\s*#+(.*)/.exec(line)?.[1]?.trim();
    if (comment === undefined && line.trim() !== '' && !line.startsWith('---')) break;
    if (comment && !comment.startsWith('yaml-language-server:')) return printable(comment);
  }
  return '';
}

function onCommandLine(message: string): Problem {
  return { file: commandLine, line: 1, column: 1, message };
}

/** Sorted by position; what was said twice of one place is said once. */
function inOrder(faults: readonly Fault[]): Fault[] {
  const unique = new Map(faults.map((fault) => [`${fault.line}:${fault.column}:${fault.message}`, fault]));
  return [...unique.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

/** The schema orders the keys of `sweep`; the order of the file decides which parameter changes fastest. */
function inOrderOfFile(file: ScenarioFile, value: unknown): ScenarioFile {
  const { sweep } = file;
  if (sweep === undefined) return file;
  const keys = Object.keys((value as { sweep: object }).sweep) as (keyof typeof sweep)[];
  return { ...file, sweep: Object.fromEntries(keys.map((key) => [key, sweep[key]])) };
}
