/** Puts what tests write into one folder, which is removed when the last of them has ended. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const prefix = 'bench-tests-';

/** Called once for each project of tests; the processes of all are started later, and so are told. */
export default function setup(): (() => void) | undefined {
  if (tmpdir().includes(prefix)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), prefix));
  process.env['TMPDIR'] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
