/** Owns what stands in a field of CSV, and how it is written. */

/** Undefined is a figure that there is not. */
export type Value = string | number | boolean | undefined;

/** The fields of a line by the names of their columns. */
export type Fields = Readonly<Record<string, Value>>;

/** Quoted where RFC 4180 asks for it. Text that a spreadsheet would run as a formula gets an apostrophe (OWASP, CSV injection). */
export function fieldText(value: Value): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value);
  const inert = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
