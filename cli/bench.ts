#!/usr/bin/env node
/** Owns the command line: finds the command, turns its outcome into an exit code, and prints mistakes as sentences. */

import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { calibrateCommand } from './calibrate.js';
import { exitCodeOf, exitCodes, sentenceOf } from './exit-code.js';
import { version } from './package-version.js';
import { reportCommand } from './report.js';
import { runCommand } from './run.js';
import { scenariosCommand } from './scenarios.js';
import { serveCommand } from './serve.js';
import { targetsCommand } from './targets.js';
import { validateCommand } from './validate.js';

try {
  await yargs(hideBin(process.argv))
    .scriptName('bench')
    // A flag given twice counts once, with its last value; lists come separated by commas.
    .parserConfiguration({ 'duplicate-arguments-array': false })
    .usage('$0 <command>\n\nMeasures WebSocket and Socket.IO servers under the same load.')
    .command(runCommand)
    .command(reportCommand)
    .command(calibrateCommand)
    .command(scenariosCommand)
    .command(validateCommand)
    .command(targetsCommand)
    .command(serveCommand)
    .demandCommand(1, 'Which command? Try `bench run broadcast`.')
    .strict()
    .recommendCommands()
    .version(version)
    .help()
    .alias({ h: 'help', v: 'version' })
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .epilogue(
      'Exit codes: 0 pass, 1 gate failed, 2 usage or scenario error, 3 invalid measurement, 130 interrupted.\n' +
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
