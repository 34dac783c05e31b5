/** Owns the list of outputs of gates: adding one is adding a file in `formats/` and a line here. */

import type { Screen } from '../drawing/screen.js';
import { json } from './formats/json.js';
import { junit } from './formats/junit.js';
import { markdown } from './formats/markdown.js';
import { text } from './formats/text.js';
import type { GateResult } from './outcome.js';

/** `screen` is what the output is drawn for; only text looks at it. */
export type GateFormat = (result: GateResult, screen: Screen) => string;

export const gateFormats = { text, markdown, junit, json } as const satisfies Record<string, GateFormat>;

export type GateFormatName = keyof typeof gateFormats;

export const gateFormatNames = Object.keys(gateFormats) as GateFormatName[];
