/**
 * Obtains a valid trial of target `ws` with the built command, in a closed and in an open loop; fails when there is none
 * within three minutes. Each trial is tried again until then: a shared machine disturbs some, a broken harness all.
 */

import { join } from 'node:path';
import { invalidText } from '../reports/reasons/reasons.js';
import { benchRun, scenarios } from './built-command.js';

const loops = { closed: ['--inflight', '1'], open: ['--rate', '300/s'] } as const;
/** Little enough for two cores that others use too, and short enough to fall between two of their disturbances. */
const load = ['--target', 'ws', '--connections', '20'];
const length = ['--warmup', '500ms', '--duration', '300ms', '--trials', '5'];
const limitMs = 180_000;

const untilMs = Date.now() + limitMs;

/** Whether one run has a valid trial with deliveries; prints what came of it. */
function isValid(loop: keyof typeof loops): boolean {
  const args = [join(scenarios, 'echo.yaml'), ...load, ...length, ...loops[loop], '--quiet'];
  const { status, stderr, result } = benchRun(args, loop);
  if (result === undefined) throw new Error(`bench run ended with ${status}: ${stderr}`);
  const { trials } = result;
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
