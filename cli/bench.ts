#!/usr/bin/env node
/** Owns the command line: finds the command, turns its outcome into an exit code, and prints mistakes as sentences. */

import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { abCommand } from './ab.js';
import { calibrateCommand } from './calibrate.js';
import { compareCommand } from './compare.js';
import { exitCodeOf, exitCodes, sentenceOf } from './exit-code.js';
import { gateCommand } from './gate.js';
import { historyCommand } from './history.js';
import { initCommand } from './init.js';
import { version } from './package-version.js';
import { lastOfRepeated } from './repeated-flags.js';
import { reportCommand } from './report.js';
import { runCommand } from './run.js';
import { scenariosCommand } from './scenarios.js';
import { serveCommand } from './serve.js';
import { targetsCommand } from './targets.js';
import { validateCommand } from './validate.js';

try {
  await yargs(hideBin(process.argv))
    .scriptName('bench')
    // A list takes one value a flag, so that it cannot swallow what comes after it.
    .parserConfiguration({ 'duplicate-arguments-array': true, 'greedy-arrays': false })
    .middleware(lastOfRepeated, true)
    .usage('$0 <command>\n\nMeasures WebSocket and Socket.IO servers under the same load.')
    .command(runCommand)
    .command(abCommand)
    .command(reportCommand)
    .command(compareCommand)
    .command(gateCommand)
    .command(historyCommand)
    .command(calibrateCommand)
    .command(scenariosCommand)
    .command(validateCommand)
    .command(targetsCommand)
    .command(serveCommand)
    .command(initCommand)
    .demandCommand(1, 'Which command? Try `bench run broadcast`.')
    .strict()
    .recommendCommands()
    .version(version)
    .help()
    .alias({ h: 'help', v: 'version' })
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .epilogue(
      'Exit codes: 0 pass, 1 gate failed, 2 usage or scenario error, 3 invalid measurement,\n' +
        '4 inconclusive under --strict, 130 interrupted.\n' +
        'The documentation is in README.md of the package.',
    )
    .fail((message, error) => {
      if (error) throw error;
      process.stderr.write(`${message}\n\nSee \`bench --help\`.\n`);
      process.exit(exitCodes.usage);
    })
    .parseAsync();
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
