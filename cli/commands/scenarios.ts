/** The command `bench scenarios`: lists the shipped scenarios with their questions. */

import { basename } from 'node:path';
import { paragraph } from '../../reports/drawing/screen.js';
import { command } from '../flags.js';
import { readScenario, shippedScenarios } from '../scenario/scenario-source.js';
import { standardScreen } from '../screen.js';

export const scenariosCommand = command({
  command: 'scenarios',
  describe: 'List the scenarios that ship with bench and the question each answers',
  builder: (yargs) => yargs.example('$0 scenarios', 'what can be asked'),
  handler: async () => {
    const names = shippedScenarios().map((path) => ({ path, name: basename(path).replace(/\.ya?ml$/, '') }));
    const width = Math.max(...names.map(({ name }) => name.length));
    for (const { path, name } of names) {
      const read = await readScenario(path);
      const question = 'scenario' in read ? read.scenario.question : '(this file has problems: see `bench validate`)';
      process.stdout.write(`${paragraph(question, standardScreen().width, `${name.padEnd(width)}  `).join('\n')}\n`);
    }
    process.stdout.write('\nRun one with `bench run <name>`.\n');
  },
});
