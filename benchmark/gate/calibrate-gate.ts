/**
 * Runs `npm run calibrate:gate`: how often the gate of `bench ab` is wrong on this machine. It continues where an earlier
 * session stopped; `-- --minutes N` stops after so long, `-- --folder F` works elsewhere than results/gate-calibration.
 */

import { parseArgs } from 'node:util';
import { abGates, gatesFrom } from '../../cli/ab/ab-gates.js';
import { relativeGates } from '../../core/gates/gate.js';
import { CalibrationFolder } from './calibration-folder.js';
import { ratesOf } from './rates.js';
import { ratesTable, runsTable } from './rates-text.js';
import { effects, exits, forksOf, runEffects, steps, take } from './steps.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '45' },
    folder: { type: 'string', default: 'results/gate-calibration' },
  },
});

const untilMs = Date.now() + Number(values.minutes) * 60_000;
const folder = new CalibrationFolder(values.folder);
const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort(new Error('interrupted')));

const all = steps();
for (const [i, step] of all.entries()) {
  if (folder.done(step.name) !== undefined) continue;
  if (interrupt.signal.aborted || Date.now() > untilMs) break;
  const leftMinutes = Math.max(0, (untilMs - Date.now()) / 60_000).toFixed(0);
  process.stderr.write(`${i + 1} of ${all.length}: ${step.name} (at most ${leftMinutes} min more)\n`);
  await take(step, folder, interrupt.signal).catch((error: Error) => {
    if (!interrupt.signal.aborted) throw error;
  });
}

const left = all.filter(({ name }) => folder.done(name) === undefined).length;
if (left > 0)
  process.stdout.write(`${left} of ${all.length} steps are still to be done: run the same command again.\n\n`);
const gates = relativeGates(gatesFrom(abGates(folder.scenario)));
const rates = effects.flatMap((effect) => {
  try {
    return [{ effect, rates: ratesOf(forksOf(folder, effect), gates) }];
  } catch (error) {
    process.stdout.write(`${100 * effect} %: ${(error as Error).message}\n`);
    return [];
  }
});
process.stdout.write(`${ratesTable(rates, gates)}\n\n`);
process.stdout.write(`${runsTable(runEffects.map((effect) => ({ effect, exits: exits(folder, effect) })))}\n`);
process.exit(interrupt.signal.aborted ? 130 : 0);
