/** The terminal that text is drawn for, and running text on it. */

import pc from 'picocolors';
import wrapAnsi from 'wrap-ansi';
import { terminalText } from './escaping.js';
import type { Tone } from './table.js';

export interface Screen {
  readonly colour: boolean;
  /** Columns; less than 60 is treated as 60. */
  readonly width: number;
}

/** A screen with its brushes; every text given to a brush has been escaped already. */
export interface Canvas {
  readonly width: number;
  bold(text: string): string;
  quiet(text: string): string;
  service(text: string): string;
  response(text: string): string;
  tone(tone: Tone, text: string): string;
}

export function canvasOf({ colour, width }: Screen): Canvas {
  const colours = pc.createColors(colour);
  const plain = (text: string) => text;
  const tones = { plain, quiet: colours.dim, warn: colours.yellow, bad: colours.red };
  return {
    width: Math.max(60, width),
    bold: colours.bold,
    quiet: colours.dim,
    service: colours.cyan,
    response: colours.magenta,
    tone: (tone, text) => tones[tone](text),
  };
}

/** @returns lines of at most `width` columns, the first after `lead`, the others indented by as much. */
export function paragraph(text: string, width: number, lead = ''): string[] {
  const lines = wrapAnsi(terminalText(text), Math.max(10, width - lead.length), { hard: true }).split('\n');
  return lines.map((line, i) => (i === 0 ? lead : ' '.repeat(lead.length)) + line);
}
