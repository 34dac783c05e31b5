/** The built command, and a temporary folder that goes with this process. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFolder } from '../cli/package-version.js';
import { readResultFile } from '../cli/stored-results.js';
import type { Result } from '../reports/results/result-reader.js';

export const bench = join(packageFolder, 'dist/cli/bench.js');
export const scenarios = join(packageFolder, 'scenarios');

export const folder = mkdtempSync(join(tmpdir(), 'bench-benchmark-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly status: number | null;
  readonly stderr: string;
  /** Undefined when there was no measurement. */
  readonly result: Result | undefined;
}

/** `bench run` with `args`, to its end. @param name of its result file, which takes the place of an earlier one. */
export function benchRun(args: readonly string[], name: string): Ended {
  const out = join(folder, `${name}.jsonl`);
  rmSync(out, { force: true });
  const { status, stderr } = spawnSync(process.execPath, [bench, 'run', ...args, '--out', out], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // Only a measurement that is valid or not ends with these.
  const measured = status === 0 || status === 3;
  return { status, stderr, result: measured ? readResultFile(out) : undefined };
}
