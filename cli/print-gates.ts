/** Owns the printing of what became of gates on standard output. */

import { type GateFormatName, gateFormats } from '../reports/gates/format-catalogue.js';
import type { GateResult } from '../reports/gates/outcome.js';

const widthWithoutTerminal = 120;

export function printGates(result: GateResult, format: GateFormatName = 'text'): void {
  const colour = process.stdout.isTTY === true && !process.env['NO_COLOR'];
  process.stdout.write(gateFormats[format](result, { colour, width: process.stdout.columns ?? widthWithoutTerminal }));
}
