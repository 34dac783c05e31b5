/** Owns holding a row against an absolute gate. */

import { type AbsoluteGate, holds } from '../../core/gates/gate.js';
import type { JudgedRow } from './judged-row.js';
import { type Measured, measuredFigure } from './measured.js';
import type { GateOutcome } from './outcome.js';

export function judgeAbsolute(gate: AbsoluteGate, { row, name, obstacle }: JudgedRow): GateOutcome {
  const { text } = gate;
  if (obstacle !== undefined || row.state !== 'measured')
    return { text, ...name, ...(obstacle ?? { outcome: 'failed', reason: 'no data' }) };
  const measured = measuredFigure(row, gate.metric);
  if (measured === undefined)
    return { text, ...name, outcome: 'failed', reason: `no data: no trial has a figure of ${gate.metric}` };
  const reason = [measured.text, ...measured.warnings].join('; ');
  return { text, ...name, outcome: keeps(measured, gate) ? 'passed' : 'failed', reason };
}

/** A lower bound says nothing about what lies above it. */
function keeps({ value, atLeast }: Measured, { comparison, bound }: AbsoluteGate): boolean {
  const upwards = comparison === '>' || comparison === '>=';
  return (!atLeast || upwards) && holds(value, comparison, bound);
}
