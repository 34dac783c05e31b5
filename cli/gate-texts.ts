/** Reads gates that were written down: on the command line, in a scenario or in a result file. */

import { type Gate, maxRelativeGates, relativeGates, tooManyRelative } from '../core/gates/gate.js';
import { parseGate } from '../core/gates/gate-syntax.js';
import { quote } from '../core/printable.js';
import { UsageError } from '../runners/failure.js';

/**
 * Each gate once, in order.
 *
 * @param origin what the texts stand after in a message: a file or a flag
 * @throws UsageError with a line each for those that cannot be read.
 */
export function readGates(texts: readonly string[], origin: string): Gate[] {
  const faults: string[] = [];
  const gates = new Map<string, Gate>();
  for (const text of texts) {
    const gate = parseGate(text);
    if ('is' in gate) gates.set(gate.text, gate);
    else faults.push(`${origin} ${quote(text)}, column ${gate.column}: ${gate.message}`);
  }
  if (faults.length > 0) throw new UsageError(faults.join('\n'));
  return [...gates.values()];
}

/** @throws UsageError when more of them compare with base than can be decided together. */
export function joinGates(stored: readonly Gate[], given: readonly Gate[]): Gate[] {
  const known = new Set(stored.map(({ text }) => text));
  const all = [...stored, ...given.filter(({ text }) => !known.has(text))];
  if (relativeGates(all).length > maxRelativeGates) throw new UsageError(tooManyRelative);
  return all;
}
