/** Owns gates as text on a terminal: a mark, the gate and its reason, one after the other. */

import { paragraph } from '../../drawing/paragraph.js';
import { canvasOf, type Screen } from '../../drawing/screen.js';
import { terminalText } from '../../drawing/terminal-text.js';
import type { Tone } from '../../tables/table.js';
import { countOutcomes, type GateOutcome, type GateResult, type Outcome } from '../outcome.js';

const marks: Readonly<Record<Outcome, readonly [mark: string, tone: Tone]>> = {
  passed: ['✓ ', 'plain'],
  failed: ['✗ ', 'bad'],
  invalid: ['✗ ', 'bad'],
  inconclusive: ['? ', 'warn'],
  'needs more': ['? ', 'warn'],
  advisory: ['· ', 'quiet'],
};

/** @returns lines joined and ended by new lines; nothing in them that a terminal would obey but our own colours. */
export function text({ outcomes }: GateResult, screen: Screen): string {
  const canvas = canvasOf(screen);
  const lines = outcomes.flatMap((outcome) => {
    const [mark, tone] = marks[outcome.outcome];
    return paragraph(sentence(outcome), canvas.width, mark).map((line) => canvas.tone(tone, line));
  });
  return `${[canvas.bold(`Gates: ${countOutcomes(outcomes)}`), ...lines].join('\n')}\n`;
}

function sentence({ text: gate, target, workload, outcome, reason }: GateOutcome): string {
  const who = [target, workload].flatMap((part) => (part === undefined ? [] : [terminalText(part, 80)]));
  return `${who.join(', ')}: ${gate} ${outcome === 'advisory' ? '(advisory)' : outcome}: ${reason}`;
}
