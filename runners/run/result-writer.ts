/** Writes a result file: a line as soon as it is known, so that nothing measured can be lost. */

import { closeSync, constants, existsSync, fstatSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lineText, type ResultLine, type RunLine } from '../../core/result.js';
import { HarnessError, UsageError } from '../failure.js';
import { makeFolder } from '../machine/folders.js';
import { ownerNow, releaseLock, takeLock } from '../machine-lock.js';
import {
  beingWritten,
  cannotBeWritten,
  type Destination,
  lockOf,
  reasonOf,
  requireFree,
  Taken,
} from './destination.js';

export class ResultWriter {
  readonly path: string;
  readonly #file: number;
  readonly #isNew: boolean;
  /** Of a file that is replaced: what it held is kept until there is a trial to write. */
  #held: string | undefined;
  readonly #owner = ownerNow('bench');
  readonly #unlock = (): void => releaseLock(lockOf(this.path), this.#owner);

  /** Creates the file and its folders, and locks it. @throws UsageError when that is impossible. */
  constructor(destination: Destination) {
    const { path, force = false } = destination;
    requireFree(destination);
    this.path = path;
    try {
      makeFolder(dirname(path));
      // A lock that a killed process left behind is taken over.
      const writer = takeLock(lockOf(path), this.#owner);
      if (writer) throw beingWritten(destination, writer);
    } catch (error) {
      throw error instanceof UsageError ? error : cannotBeWritten(destination, error);
    }
    this.#isNew = !force || !existsSync(path);
    try {
      this.#file = openSync(path, this.#isNew ? 'wx' : constants.O_WRONLY);
      process.once('exit', this.#unlock);
    } catch (error) {
      this.#unlock();
      throw cannotBeWritten(destination, error);
    }
  }

  /** `results/<scenario>/<utc time>-<short sha>.jsonl` below the working folder, with a number where that is taken. */
  static inUsualPlace(scenario: string, startedAt: Date, git: RunLine['git']): ResultWriter {
    const time = startedAt
      .toISOString()
      .replace(/[:.]/g, '-')
      .replace(/-\d+Z$/, 'Z');
    const path = join('results', scenario, `${time}-${git ? git.commit.slice(0, 7) : 'nogit'}`);
    for (let number = 1; ; number++)
      try {
        return new ResultWriter({ path: `${path}${number === 1 ? '' : `-${number}`}.jsonl` });
      } catch (error) {
        if (!(error instanceof Taken)) throw error;
      }
  }

  /**
   * @throws HarnessError when the disk is full or gone; what was written before stays readable. UsageError for a run
   * line, HarnessError for another that no reader would take.
   */
  append(line: ResultLine): void {
    const text = `${this.#textOf(line)}\n`;
    if (line.type === 'run' && !this.#isNew) {
      this.#held = text;
      return;
    }
    try {
      if (this.#held !== undefined) ftruncateSync(this.#file);
      const bytes = Buffer.from(`${this.#held ?? ''}${text}`);
      this.#held = undefined;
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      const file = `the result file ${this.path} could not be written to`;
      throw new HarnessError(
        fstatSync(this.#file).size === 0
          ? `${file}: ${reasonOf(error)}`
          : `${file} any more: ${reasonOf(error)}; what it holds is kept`,
      );
    }
  }

  #textOf(line: ResultLine): string {
    try {
      return lineText(line);
    } catch (error) {
      const reason = (error as Error).message;
      if (line.type === 'run') throw new UsageError(`a result file cannot hold this run: ${reason}`);
      throw new HarnessError(
        `a result file cannot hold a ${line.type} line of this run: ${reason}; please report this`,
      );
    }
  }

  /** Leaves no file in which nothing was written. */
  close(): void {
    if (this.#isNew && fstatSync(this.#file).size === 0) rmSync(this.path, { force: true });
    closeSync(this.#file);
    this.#unlock();
    process.off('exit', this.#unlock);
  }
}
