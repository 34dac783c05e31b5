/** Where reports are written besides the terminal: files whose ending names the format, and pages. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fileEndings, formatOfFile } from '../../reports/format-registry.js';
import { UsageError } from '../../runners/failure.js';
import { type Destination, requireFree, writeWhole } from '../../runners/run/destination.js';
import { openPage } from './open-page.js';

export const openOption = { type: 'boolean', describe: 'Show the page in the browser' } as const;
export const htmlOption = { type: 'string', describe: 'Write it as a page to this file besides' } as const;
export const outputOption = {
  alias: 'o',
  type: 'string',
  describe: 'Write to this file instead of printing; its ending says the format, e.g. .html',
} as const;

type Subject = 'report' | 'comparison';

interface Wanted {
  /** What the command reads. */
  readonly inputs: readonly string[];
  /** Of a page that is only shown: it lies in a temporary folder of its own. */
  readonly name: string;
}

interface OutputFlags {
  readonly format: string;
  readonly out?: string | undefined;
  readonly open?: boolean | undefined;
  readonly force: boolean;
}

/** Prints what `write` makes in a format, or writes it to the file that is asked for. @throws UsageError */
export function output(
  { format, out, open = false, force }: OutputFlags,
  subject: Subject,
  { inputs, name }: Wanted,
  write: (format: string) => string,
): void {
  const path = out ?? (open ? temporaryPage(name) : undefined);
  if (path === undefined) {
    process.stdout.write(write(format));
    return;
  }
  const written = formatFor(subject, path);
  if (open && written !== 'html') throw new UsageError('--open shows a page: give --out a file that ends in .html');
  const file = { path, force, inputs, open };
  requireFree(file);
  writePage(file, write(written));
  process.stdout.write(`${path}\n`);
}

/** @throws UsageError where the ending of the file is that of no format. */
function formatFor(subject: Subject, path: string): string {
  const format = formatOfFile(subject, path);
  if (format !== undefined) return format;
  const endings = fileEndings(subject).map((ending) => `.${ending}`);
  throw new UsageError(`${path}: the ending says what is written, and must be one of ${endings.join(', ')}`);
}

interface PageFlags {
  readonly html?: string | undefined;
  readonly open?: boolean | undefined;
  readonly force: boolean;
}

/** A page that is to be written, and perhaps shown. */
export interface PageFile extends Destination {
  readonly open: boolean;
}

/** What `--html` and `--open` ask for. @throws UsageError where it names no page, or the file must not be written. */
export function pageFile({ html, open = false, force }: PageFlags, { inputs, name }: Wanted): PageFile | undefined {
  const path = html ?? (open ? temporaryPage(name) : undefined);
  if (path === undefined) return undefined;
  const file = { path, option: '--html', force, inputs, open };
  requireFree(file);
  if (formatOfFile('report', path) !== 'html')
    throw new UsageError(`--html ${path}: a page is a file that ends in .html`);
  return file;
}

/** Writes the page, and opens it where that is asked for. @throws UsageError */
export function writePage(file: PageFile, text: string): void {
  writeWhole(file, text);
  if (file.open) openPage(pathToFileURL(file.path));
}

function temporaryPage(name: string): string {
  return join(mkdtempSync(join(tmpdir(), 'bench-page-')), `${name.replace(/[^\w.-]+/g, '-')}.html`);
}
