/** Owns the printing of a report on standard output. */

import { summarise } from '../reports/fold/report.js';
import type { FormatName } from '../reports/format-catalogue.js';
import { formats } from '../reports/format-catalogue.js';
import { standardScreen } from './screen.js';
import { readResultFile } from './stored-results.js';

export function printReport(path: string, format: FormatName = 'text'): void {
  const report = summarise(readResultFile(path));
  const text = formats[format](report, standardScreen());
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}
