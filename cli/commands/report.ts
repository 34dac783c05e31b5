/** The command `bench report`: prints the report of a result file. */

import { summarise } from '../../reports/fold/report.js';
import { formatNames, writerOf } from '../../reports/format-registry.js';
import { command, detailsOption } from '../flags.js';
import { standardScreen } from '../screen.js';
import { readResultFile } from '../stored-results.js';

export const reportCommand = command({
  command: 'report <file>',
  describe: 'Print the report of a result file',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: 'A result file (.jsonl)' })
      .option('details', detailsOption)
      .option('format', { choices: formatNames('report'), default: 'text', describe: 'What to print' })
      .example('$0 report results/broadcast/2026-01-31T09-00-00Z-0a1b2c3.jsonl', 'as the run printed it')
      .example('$0 report result.jsonl --details', 'every table, warning and note')
      .example('$0 report result.jsonl --format markdown', 'tables for a pull request'),
  handler: ({ file, format, details }) => {
    const screen = { ...standardScreen(), details };
    process.stdout.write(writerOf('report', format)(summarise(readResultFile(file)), screen));
  },
});
