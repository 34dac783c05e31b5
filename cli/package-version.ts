/** The folder of this package, and its version. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Folder of package.json: two levels up from dist/cli/. */
export const packageFolder = fileURLToPath(new URL('../..', import.meta.url));

export const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
