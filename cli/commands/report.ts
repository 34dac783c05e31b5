/** The command `bench report`: prints the report of a result file. */

import { basename } from 'node:path';
import { formatNames, writerOf } from '../../reports/format-registry.js';
import { summarise } from '../../reports/report.js';
import { command, detailsOption } from '../flags.js';
import { openOption, output, outputOption } from '../output/output-file.js';
import { standardScreen } from '../screen.js';
import { forceOption, readResultFile } from '../stored-results.js';

export const reportCommand = command({
  command: 'report <file>',
  describe: 'Print the report of a result file',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: 'A result file (.jsonl)' })
      .option('details', { ...detailsOption, alias: 'all' })
      .option('format', { choices: formatNames('report'), default: 'text', describe: 'What to print' })
      .option('out', outputOption)
      .option('force', forceOption('--out'))
      .option('open', openOption)
      .example('$0 report results/broadcast/2026-01-31T09-00-00Z-0a1b2c3.jsonl', 'as the run printed it')
      .example('$0 report result.jsonl --details', 'every table, warning and note')
      .example('$0 report result.jsonl -o result.html', 'a page with charts, to look at and to send')
      .example('$0 report result.jsonl --format markdown', 'tables for a pull request')
      .example('$0 report result.jsonl --format csv --all', 'every figure, a line a target and workload'),
  handler: (flags) => {
    const { file, details } = flags;
    const screen = { ...standardScreen(), details };
    output(flags, 'report', { inputs: [file], name: basename(file, '.jsonl') }, (format) => {
      const result = readResultFile(file);
      return writerOf('report', format)(summarise(result), screen, result.trials);
    });
  },
});
