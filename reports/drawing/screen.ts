/** The terminal that a text report is drawn for. */

import pc from 'picocolors';
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
