/** Writes a result file: a line as soon as it is known, so that nothing measured can be lost. */

import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ResultLine, RunLine } from '../../core/result.js';
import { HarnessError, UsageError } from '../failure.js';
import { makeFolder } from '../machine/folders.js';

/** `results/<scenario>/<utc time>-<short sha>.jsonl` below the working folder. */
export function defaultResultPath(scenario: string, startedAt: Date, git: RunLine['git']): string {
  const time = startedAt
    .toISOString()
    .replace(/[:.]/g, '-')
    .replace(/-\d+Z$/, 'Z');
  return join('results', scenario, `${time}-${git ? git.commit.slice(0, 7) : 'nogit'}.jsonl`);
}

export class ResultWriter {
  readonly #file: number;

  /** Creates the file and its folders. @throws UsageError when that is impossible. */
  constructor(readonly path: string) {
    try {
      makeFolder(dirname(path));
      this.#file = openSync(path, 'w');
    } catch (error) {
      throw new UsageError(`the result file ${path} cannot be written: ${reasonOf(error)}; choose another with --out`);
    }
  }

  /** @throws HarnessError when the disk is full or gone; what was written before stays readable. */
  append(line: ResultLine): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      throw new HarnessError(
        `the result file ${this.path} could not be written to any more: ${reasonOf(error)}; what it holds is kept`,
      );
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    ENOSPC: 'no space left on the device',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOTDIR: 'a part of its path is not a folder',
    EISDIR: 'it is a folder',
    EEXIST: 'a part of its path is a file',
  };
  return known[code ?? ''] ?? message;
}
