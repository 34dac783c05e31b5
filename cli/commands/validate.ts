/** `bench validate`: checks scenario files without running them. */

import type { CommandModule } from 'yargs';
import { formatProblem } from '../../core/scenario/scenario-file.js';
import { exitCodes } from '../exit-code.js';
import { readScenario } from '../scenario-source.js';

interface ValidateFlags {
  readonly files: string[];
}

export const validateCommand: CommandModule<object, ValidateFlags> = {
  command: 'validate <files..>',
  describe: 'Check scenario files without running them',
  builder: (yargs) =>
    yargs
      .positional('files', { type: 'string', array: true, demandOption: true, describe: 'YAML files' })
      .example('$0 validate scenarios/broadcast.yaml', 'every problem with its line and column') as never,
  handler: ({ files }) => {
    for (const file of files) {
      const read = readScenario(file);
      if ('scenario' in read) process.stdout.write(`${read.path}: good\n`);
      else {
        process.stderr.write(`${read.problems.map(formatProblem).join('\n')}\n`);
        process.exitCode = exitCodes.usage;
      }
    }
  },
};
