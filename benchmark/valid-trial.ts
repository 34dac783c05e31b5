/**
 * Obtains a valid trial of target `ws` with the built command, in a closed and in an open loop; fails when there is none
 * within three minutes. Each trial is tried again until then: a shared machine disturbs some, a broken harness all.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readResultFile } from '../cli/stored-results.js';
import { invalidText } from '../reports/findings/reasons.js';

const bench = fileURLToPath(new URL('../cli/bench.js', import.meta.url));
const scenario = fileURLToPath(new URL('../../scenarios/echo.yaml', import.meta.url));
const loops = { closed: ['--inflight', '1'], open: ['--rate', '300/s'] } as const;
/** Little enough for two cores that others use too, and short enough to fall between two of their disturbances. */
const load = ['--target', 'ws', '--connections', '20'];
const length = ['--warmup', '500ms', '--duration', '300ms', '--trials', '5'];
const limitMs = 180_000;

const folder = mkdtempSync(join(tmpdir(), 'bench-valid-trial-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const untilMs = Date.now() + limitMs;

/** Whether one run has a valid trial with deliveries; prints what came of it. */
function isValid(loop: keyof typeof loops): boolean {
  const out = join(folder, `${loop}.jsonl`);
  rmSync(out, { force: true });
  const args = ['run', scenario, ...load, ...length, ...loops[loop], '--quiet', '--out', out];
  const { status, stderr } = spawnSync(process.execPath, [bench, ...args], { encoding: 'utf8' });
  // Only a measurement that is valid or not ends with these.
  if (status !== 0 && status !== 3) throw new Error(`bench run ended with ${status}: ${stderr}`);
  const { trials } = readResultFile(out);
  for (const { valid, invalidBecause, counts } of trials)
    process.stdout.write(
      `${loop} loop: ${valid ? 'valid' : `invalid: ${invalidText(invalidBecause)}`}, ${counts.delivered} of ${counts.owed} delivered\n`,
    );
  return trials.some(({ valid, counts }) => valid && counts.delivered > 0);
}

for (const loop of ['closed', 'open'] as const) {
  let found = false;
  while (!found && Date.now() < untilMs) found = isValid(loop);
  if (!found) {
    process.stderr.write(`no valid trial in ${loop} loop within ${limitMs / 1000} s\n`);
    process.exitCode = 1;
  }
}
