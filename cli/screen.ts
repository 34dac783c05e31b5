/** Standard output as a screen: its width, and whether colours make sense on it. */

import type { Screen } from '../reports/drawing/screen.js';

const widthWithoutTerminal = 120;

export function standardScreen(): Screen {
  const { isTTY, columns = widthWithoutTerminal } = process.stdout;
  return { colour: isTTY === true && !process.env['NO_COLOR'], width: columns };
}
