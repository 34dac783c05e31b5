/** Makes a folder and those above it. */

import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * By itself, because `mkdirSync` with `recursive` never returns where the kernel says of a folder that it cannot be made
 * in one that is there (ENOENT in /proc, for example).
 * @throws Error whose message says why it cannot be made.
 */
export function makeFolder(path: string): void {
  const folder = resolve(path);
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Error(`the system makes no folder in ${dirname(folder)}`);
    // Another process has made it meanwhile.
    if (code !== 'EEXIST') throw error;
  }
}
