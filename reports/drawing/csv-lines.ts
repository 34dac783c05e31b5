/** Lines of CSV (RFC 4180), which a spreadsheet opens without running what stands in them. */

import { printable } from '../../core/printable.js';

/** Undefined is a figure that there is not: an empty field. */
export type Value = string | number | boolean | undefined;

/** The fields of a line by the names of their columns. */
export type Fields = Readonly<Record<string, Value>>;

/** Lines end with CR LF. A column is there that any of the lines has. */
export function csvLines(records: readonly Fields[]): string {
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const lines = [columns, ...records.map((record) => columns.map((name) => record[name]))];
  return lines.map((line) => `${line.map(fieldText).join(',')}\r\n`).join('');
}

/**
 * On one line, with visible escapes as in every other format, and quoted where RFC 4180 asks for it. Text that a
 * spreadsheet would run as a formula gets an apostrophe (OWASP, CSV injection).
 */
function fieldText(value: Value): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value);
  const visible = printable(value);
  const inert = /^[=+\-@]/.test(visible) ? `'${visible}` : visible;
  return /[",]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
