/** Owns `bench run`. */

import type { CommandModule } from 'yargs';
import { prepare } from '../runners/prepare.js';
import { run } from '../runners/run.js';
import { exitCodes } from './exit-code.js';
import { interruptible } from './interrupt.js';
import { namedTargets, type OverrideFlags, overrideOptions, overridesFrom } from './overrides.js';
import { version } from './package-version.js';
import { printReport } from './print-report.js';
import { progress } from './progress.js';
import { requireScenario } from './scenario-source.js';

interface RunFlags extends OverrideFlags {
  readonly scenario: string;
  readonly out?: string | undefined;
  readonly quiet?: boolean | undefined;
}

export const runCommand: CommandModule<object, RunFlags> = {
  command: 'run <scenario>',
  describe: 'Run a scenario against real servers, print the comparison, keep the result file',
  builder: (yargs) =>
    yargs
      .positional('scenario', {
        type: 'string',
        demandOption: true,
        describe: 'A YAML file, or the name of a shipped scenario',
      })
      .options(overrideOptions)
      .option('out', { type: 'string', describe: 'Result file (default: results/<scenario>/<time>-<commit>.jsonl)' })
      .option('quiet', { type: 'boolean', describe: 'No progress and no report; only the path of the result file' })
      .example('$0 run scenarios/broadcast.yaml', 'the main job')
      .example('$0 run echo --target ws,uws --inflight 1 --duration 5s', 'closed loop, two targets')
      .example('$0 run echo --quick', 'does everything work here?') as never,
  handler: async (flags) => {
    const scenario = requireScenario(flags.scenario, overridesFrom(flags));
    const prepared = await prepare(scenario, namedTargets(flags));
    const interrupt = interruptible();
    const shown = progress(flags.quiet === true);
    const outcome = await run({ scenario, prepared, tool: version, out: flags.out }, interrupt.signal, shown).finally(
      () => {
        shown.stop();
        interrupt.release();
      },
    );
    if (!flags.quiet) printReport(outcome.path);
    process.stdout.write(`${flags.quiet ? '' : '\nresult file: '}${outcome.path}\n`);
    if (outcome.interrupted) process.exitCode = exitCodes.interrupted;
    else if (outcome.invalid > 0) process.exitCode = exitCodes.invalid;
  },
};
