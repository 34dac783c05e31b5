/** Owns the printing of what became of gates on standard output. */

import { type GateFormatName, gateFormats } from '../reports/gates/format-catalogue.js';
import type { GateResult } from '../reports/gates/outcome.js';
import { standardScreen } from './screen.js';

export function printGates(result: GateResult, format: GateFormatName = 'text'): void {
  process.stdout.write(gateFormats[format](result, standardScreen()));
}
