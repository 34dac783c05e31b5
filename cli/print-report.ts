/** Owns the printing of a report on standard output. */

import type { FormatName } from '../reports/format-catalogue.js';
import { formats } from '../reports/format-catalogue.js';
import { summarise } from '../reports/report.js';
import { standardScreen } from './screen.js';
import { readResultFile } from './stored-results.js';

export function printReport(path: string, format: FormatName = 'text'): void {
  const report = summarise(readResultFile(path));
  const text = formats[format](report, standardScreen());
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}
