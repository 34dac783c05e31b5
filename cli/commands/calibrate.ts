/** The command `bench calibrate`: checks on this machine what bench claims, prints a table and records the outcome. */

import { calibrate, claimNames, type Judged } from '../../calibration/calibrate.js';
import { durations } from '../../core/units.js';
import { terminalText } from '../../reports/drawing/escaping.js';
import { documentOf, sentenceTable } from '../../reports/drawing/screen.js';
import { column } from '../../reports/drawing/table.js';
import { reasonText } from '../../reports/reasons/reasons.js';
import { UsageError } from '../../runners/failure.js';
import { injectedFaultWarnings } from '../../runners/load/fault-injection.js';
import { calibrationPath, writeCalibration } from '../../runners/machine/calibration-file.js';
import { divideCores } from '../../runners/machine/cores.js';
import { describeEnvironment } from '../../runners/machine/environment.js';
import { exitCodes } from '../exit-code.js';
import { command } from '../flags.js';
import { measuring, waitOption } from '../interrupt.js';
import { version } from '../package-version.js';
import { standardScreen } from '../screen.js';

export const calibrateCommand = command({
  command: 'calibrate',
  describe: 'Check on this machine that what bench measures is true, and how much it can measure',
  builder: (yargs) =>
    yargs
      .option('quick', {
        type: 'boolean',
        default: false,
        describe: 'Half a minute instead of two, with fewer messages',
      })
      .option('patience', {
        type: 'string',
        describe: 'How long claims are tried again that others disturbed, who use the machine too (default: 2m)',
      })
      .option('wait', waitOption)
      .option('only', { choices: claimNames, hidden: true, describe: 'One claim alone; nothing is recorded' })
      .example('$0 calibrate', 'before numbers of a new machine are believed')
      .example('$0 calibrate --patience 10m', 'on a machine that others use, too'),
  handler: async ({ quick, patience, only, wait }) => {
    const retryForMs = patience === undefined ? undefined : retryForMsOf(patience);
    await measuring('bench calibrate', wait, async (signal, warnings) => {
      for (const reason of [...warnings, ...injectedFaultWarnings])
        process.stderr.write(`bench: ${terminalText(reasonText([reason]))}\n`);
      const { findings, calibration } = await calibrate(
        { pace: quick ? 'quick' : 'full', only, retryForMs, tool: version },
        signal,
        ({ title }, position, claims, attempt) => {
          const again = attempt > 1 ? ` (attempt ${attempt}: the last was disturbed)` : '';
          process.stderr.write(`${position} of ${claims}: ${title}${again}\n`);
        },
      );
      const { passed, failed } = calibration;
      process.stdout.write(documentOf([tableOf(findings)]));
      const claims = passed + failed.length;
      if (claims > 0) process.stdout.write(`\n${passed} of ${claims} claims hold\n`);
      if (failed.length > 0) process.exitCode = exitCodes.invalid;
      // A part, or a harness that was broken on purpose, says nothing about the machine.
      if (only !== undefined || injectedFaultWarnings.length > 0) return;
      writeCalibration(describeEnvironment(divideCores().description), calibration);
      process.stdout.write(`recorded in ${calibrationPath()}\n`);
    });
  },
});

/** @throws UsageError when it is no time. */
function retryForMsOf(text: string): number {
  const read = durations.parse(text);
  if (read instanceof Error) throw new UsageError(`--patience: ${read.message}`);
  return read;
}

function tableOf(findings: readonly Judged[]): readonly string[] {
  return sentenceTable(
    [column('claim', 'left', findings, ({ claim }) => claim)],
    [
      column('ground truth', 'left', findings, ({ groundTruth }) => groundTruth),
      column('measured', 'left', findings, ({ measured }) => measured),
      column('verdict', 'left', findings, ({ verdict }) => verdict),
    ],
    standardScreen(),
  );
}
