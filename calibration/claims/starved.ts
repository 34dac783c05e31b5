/** Claim that a generator which does not get its core says so: its trial is declared invalid. */

import { spawn } from 'node:child_process';
import { invalidText } from '../../reports/reasons/reasons.js';
import { type Claim, echoes, evenly, expecting } from '../claim.js';

const ratePerSecond = 10_000;
const measureMs = { full: 2_000, quick: 1_000 } as const;
/** A neighbour ends by itself, should nobody be left to end it. */
const busyMs = 60_000;
const busy = `const end = Date.now() + ${busyMs}; while (Date.now() < end);`;

/** A process that never rests, on one core. @returns what ends it. */
function neighbourOn(core: number): () => void {
  const child = spawn('taskset', ['-c', String(core), process.execPath, '-e', busy], { stdio: 'ignore' });
  child.on('error', () => {});
  return () => child.kill('SIGKILL');
}

export const starvedClaim: Claim = {
  name: 'starved',
  title: 'generator that shares its core with a busy neighbour',
  check: async (rig, pace) => {
    const claim = 'busy neighbour on the core of the generator';
    const groundTruth = 'trial is invalid';
    if (rig.cores.server === undefined)
      return [{ claim, groundTruth, measured: rig.cores.description, outcome: 'skipped' }];
    const neighbours = rig.cores.runners.map(neighbourOn);
    try {
      const { line } = await rig.known('counting', echoes(evenly(ratePerSecond), measureMs[pace]));
      const measured = line.valid ? 'valid' : `invalid: ${invalidText(line.invalidBecause)}`;
      return [expecting(claim, groundTruth, measured, !line.valid)];
    } finally {
      for (const end of neighbours) end();
    }
  },
};
