/** Finds the main path: the files through which the data of a run passes, from its YAML to the printed row. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SourceFile } from './source.js';

/** Types of what a run's data is on its way. */
const flow = /\b(?:Scenario|Workload|Trial|TrialResult|Share|Tally|TrialLine|Report|Row|MeasuredRow|WorkloadTable)\b/;

/** What V8 writes of one process or thread into the folder that NODE_V8_COVERAGE names. */
interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly startOffset: number; readonly count: number }[];
    }[];
  }[];
}

/**
 * Those files of which a short run of an echo executes at least one function, in any of its processes and threads, and
 * which import or define a type of the flow.
 *
 * @param root of a repository that is built.
 */
export function mainPath(root: string, files: readonly SourceFile[]): SourceFile[] {
  const executed = executedFiles(realpathSync(root));
  return files.filter(({ path, text }) => executed.has(path) && flow.test(namesIn(text)));
}

/** What a file imports by name, and the types that it exports. */
function namesIn(text: string): string {
  const imported = /^import\s+(?:type\s+)?(?:\w+,\s*)?\{([^}]*)\}/gm;
  const defined = /^export (?:interface|class|type) (\w+)/gm;
  return [imported, defined].flatMap((names) => [...text.matchAll(names)].map(([, name]) => name)).join(',');
}

/** Paths of the sources from the root. A module's own top level is executed when it is imported, and does not count. */
function executedFiles(root: string): Set<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-main-path-'));
  const coverage = join(folder, 'coverage');
  const args = ['run', 'scenarios/echo.yaml', '--quick', '--target', 'ws', '--out', join(folder, 'echo.jsonl')];
  const built = `${pathToFileURL(join(root, 'dist')).href}/`;
  try {
    const env = { ...process.env, NODE_V8_COVERAGE: coverage };
    execFileSync(process.execPath, ['dist/cli/bench.js', ...args], { cwd: root, env, stdio: 'ignore' });
  } catch {
    // A trial that is invalid passes through the same files.
  }
  try {
    const scripts = readdirSync(coverage).flatMap(
      (file) => (JSON.parse(readFileSync(join(coverage, file), 'utf8')) as Coverage).result,
    );
    const executed = scripts.filter(
      ({ url, functions }) =>
        url.startsWith(built) &&
        functions.some(
          ({ functionName, ranges: [range] }) =>
            range && range.count > 0 && !(functionName === '' && range.startOffset === 0),
        ),
    );
    return new Set(executed.map(({ url }) => url.slice(built.length).replace(/\.js$/, '.ts')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
