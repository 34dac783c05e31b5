/** Output formats: each file of `formats/` is one and says what it can write, so that adding one is adding a file. */

import { adaptersIn } from './adapters.js';
import type { Comparison } from './comparison/comparison.js';
import type { Screen } from './drawing/screen.js';
import type { GateResult } from './gates/outcome.js';
import type { Report } from './report.js';
import type { ReadTrial } from './results/read-trial.js';

/**
 * `screen` is what the output is drawn for; only text looks at it. `trials` are those of the report, for outputs that show
 * single ones.
 */
interface Writers {
  readonly report: (report: Report, screen: Screen, trials?: readonly ReadTrial[]) => string;
  readonly comparison: (comparison: Comparison, screen: Screen) => string;
  readonly gates: (result: GateResult, screen: Screen) => string;
}

/** What a file of `formats/` exports by default; its name is the name of the format. */
export interface Format extends Partial<Writers> {
  /** Where it stands in help and messages; the lowest comes first. */
  readonly place: number;
  /** Endings of the files that it is written to; without any, the name of the format. */
  readonly endings?: readonly string[];
}

const formats = new Map((await adaptersIn<Format>('formats')).sort(([, a], [, b]) => a.place - b.place));

/** Names of the formats in which a report, a comparison or gates can be written. */
export function formatNames(subject: keyof Writers): string[] {
  return [...formats].flatMap(([name, format]) => (format[subject] === undefined ? [] : [name]));
}

/** The name of the format that is written to files with the ending of `path`, which such a subject can be written in. */
export function formatOfFile(subject: keyof Writers, path: string): string | undefined {
  const ending = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase();
  const names = formatNames(subject);
  return names.find((name) => (formats.get(name)?.endings ?? [name]).includes(ending ?? ''));
}

/** The endings by which `formatOfFile` chooses. */
export function fileEndings(subject: keyof Writers): string[] {
  return formatNames(subject).flatMap((name) => formats.get(name)?.endings ?? [name]);
}

/** @param name one of `formatNames` */
export function writerOf<Subject extends keyof Writers>(subject: Subject, name: string): NonNullable<Format[Subject]> {
  const writer = formats.get(name)?.[subject];
  if (writer === undefined) throw new Error(`there is no format ${name} of ${subject}`);
  return writer;
}
