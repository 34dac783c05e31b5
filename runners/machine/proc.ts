/** Reads files of /proc and /sys, by which Linux tells about itself. */

import { readFileSync } from 'node:fs';

/** Empty where there is no such file, as on other systems. */
export function readProc(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
