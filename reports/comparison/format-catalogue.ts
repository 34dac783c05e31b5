/** Owns the list of outputs of a comparison: adding one is adding a file in `formats/` and a line here. */

import type { Screen } from '../drawing/screen.js';
import type { Comparison } from './comparison.js';
import { json } from './formats/json.js';
import { markdown } from './formats/markdown.js';
import { text } from './formats/text.js';

/** `screen` is what the output is drawn for; only text looks at it. */
export type ComparisonFormat = (comparison: Comparison, screen: Screen) => string;

export const comparisonFormats = { text, markdown, json } as const satisfies Record<string, ComparisonFormat>;

export type ComparisonFormatName = keyof typeof comparisonFormats;

export const comparisonFormatNames = Object.keys(comparisonFormats) as ComparisonFormatName[];
