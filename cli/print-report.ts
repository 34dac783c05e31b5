/** Owns the printing of a report on standard output. */

import { readFileSync, statSync } from 'node:fs';
import type { FormatName } from '../reports/format-catalogue.js';
import { formats } from '../reports/format-catalogue.js';
import { summarise } from '../reports/report.js';
import { maxFileChars, readResult } from '../reports/result-reader.js';
import { UsageError } from '../runners/failure.js';

const widthWithoutTerminal = 120;

export function printReport(path: string, format: FormatName = 'text'): void {
  const report = summarise(readResult(read(path), path));
  const colour = process.stdout.isTTY === true && !process.env['NO_COLOR'];
  const text = formats[format](report, { colour, width: process.stdout.columns ?? widthWithoutTerminal });
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

function read(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) throw new UsageError(`there is no result file ${path}`);
  if (stat.size > maxFileChars) throw new UsageError(`${path} is larger than any result file of ours can be`);
  return readFileSync(path, 'utf8');
}
