/** Owns `bench report`. */

import type { CommandModule } from 'yargs';
import { type FormatName, formatNames } from '../../reports/format-catalogue.js';
import { printReport } from '../print-report.js';

interface ReportFlags {
  readonly file: string;
  readonly format: FormatName;
}

export const reportCommand: CommandModule<object, ReportFlags> = {
  command: 'report <file>',
  describe: 'Print the report of a result file',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: 'A result file (.jsonl)' })
      .option('format', { choices: formatNames, default: 'text', describe: 'What to print' })
      .example('$0 report results/broadcast/2026-01-31T09-00-00Z-0a1b2c3.jsonl', 'as the run printed it')
      .example('$0 report result.jsonl --format markdown', 'tables for a pull request') as never,
  handler: ({ file, format }) => printReport(file, format),
};
