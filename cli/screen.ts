/** Standard output as a screen: its width, and whether colours make sense on it. */

import type { Screen } from '../reports/drawing/screen.js';

const widthWithoutTerminal = 120;

export function standardScreen(): Screen {
  const { isTTY, columns } = process.stdout;
  return {
    colour: isTTY === true && !process.env['NO_COLOR'] && !isDumb(),
    // Some terminals say that they have no columns.
    width: columns || widthWithoutTerminal,
  };
}

/** A terminal that obeys no escape sequences. */
export function isDumb(): boolean {
  return process.env['TERM'] === 'dumb';
}
