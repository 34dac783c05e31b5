/** Owns the list of outputs: adding one is adding a file in `formats/` and a line here. */

import type { Screen } from './drawing/screen.js';
import type { Report } from './fold/report.js';
import { csv } from './formats/csv.js';
import { json } from './formats/json.js';
import { markdown } from './formats/markdown.js';
import { text } from './formats/text.js';

/** `screen` is what the output is drawn for; only text looks at it. */
export type Format = (report: Report, screen: Screen) => string;

export const formats = { text, markdown, csv, json } as const satisfies Record<string, Format>;

export type FormatName = keyof typeof formats;

export const formatNames = Object.keys(formats) as FormatName[];
