/** The command `bench validate`: checks scenario files without running them. */

import { formatProblem } from '../../core/scenario/scenario-file.js';
import { exitCodes } from '../exit-code.js';
import { command } from '../flags.js';
import { readScenario } from '../scenario/scenario-source.js';

export const validateCommand = command({
  command: 'validate <files..>',
  describe: 'Check scenario files without running them',
  builder: (yargs) =>
    yargs
      .positional('files', { type: 'string', array: true, demandOption: true, describe: 'YAML files' })
      .example('$0 validate scenarios/broadcast.yaml', 'every problem with its line and column'),
  handler: async ({ files }) => {
    for (const file of files) {
      const read = await readScenario(file);
      if ('scenario' in read) process.stdout.write(`${read.path}: good\n`);
      else {
        process.stderr.write(`${read.problems.map(formatProblem).join('\n')}\n`);
        process.exitCode = exitCodes.usage;
      }
    }
  },
});
