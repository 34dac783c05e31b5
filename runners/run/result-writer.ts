/** Writes a result file: a line as soon as it is known, so that nothing measured can be lost. */

import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { lineText, type ResultLine, type RunLine } from '../../core/result.js';
import { HarnessError, UsageError } from '../failure.js';
import { makeFolder } from '../machine/folders.js';

/** Where the user wants the result file. */
export interface Destination {
  readonly path: string;
  /** Whether a file that is there may be replaced. */
  readonly force?: boolean;
  /** Files that the run reads: none of them is ever replaced. */
  readonly inputs?: readonly string[];
}

/** There is such a file already. */
class Taken extends UsageError {}

function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

/** @throws UsageError when the result file must not be written there. Nothing is changed. */
export function requireFree({ path, force = false, inputs = [] }: Destination): void {
  const file = statOf(path);
  // A stream that is redirected to a file looks like that file.
  const isStream = /^\/(?:dev\/(?:fd\/|std)|proc\/)/.test(resolve(path));
  if (isStream || (file && !file.isFile())) {
    const what = file?.isDirectory() ? 'a folder' : 'a device, a pipe or a stream';
    throw new UsageError(`--out ${path} is ${what}; give the path of a file, because the report is made from it`);
  }
  if (file === undefined) return;
  const isSame = (input: string): boolean => {
    const other = statOf(input);
    return other?.ino === file.ino && other.dev === file.dev;
  };
  if (inputs.some(isSame))
    throw new UsageError(`--out ${path} is a file that the run reads, which is never replaced; choose another`);
  requireUnlocked(path);
  if (!force) throw new Taken(`the file ${path} exists: replace it with --force, or choose another with --out`);
}

function lockOf(path: string): string {
  return `${path}.lock`;
}

/** The process that is writing a result file; undefined where there is none. */
export function lockedBy(path: string): number | undefined {
  let pid = 0;
  try {
    pid = Number(readFileSync(lockOf(path), 'latin1'));
    // Signal 0 asks whether the process is there.
    process.kill(pid, 0);
  } catch (error) {
    // That of another user is there, but may not be asked.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  return pid;
}

function requireUnlocked(path: string): void {
  const pid = lockedBy(path);
  if (pid !== undefined)
    throw new Taken(`the result file ${path} is being written by process ${pid}: wait for it, or choose another`);
}

/** A lock that a killed process left behind is taken over. */
function lock(path: string): void {
  try {
    writeFileSync(lockOf(path), String(process.pid), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    requireUnlocked(path);
    rmSync(lockOf(path), { force: true });
    lock(path);
  }
}

export class ResultWriter {
  readonly path: string;
  readonly #file: number;
  readonly #isNew: boolean;
  /** Of a file that is replaced: what it held is kept until there is a trial to write. */
  #held: string | undefined;
  readonly #unlock = (): void => rmSync(lockOf(this.path), { force: true });

  /** Creates the file and its folders, and locks it. @throws UsageError when that is impossible. */
  constructor(destination: Destination) {
    const { path, force = false } = destination;
    requireFree(destination);
    this.path = path;
    try {
      makeFolder(dirname(path));
      lock(path);
    } catch (error) {
      throw error instanceof UsageError ? error : cannotBeWritten(path, error);
    }
    this.#isNew = !force || statOf(path) === undefined;
    try {
      this.#file = openSync(path, this.#isNew ? 'wx' : constants.O_WRONLY);
      process.once('exit', this.#unlock);
    } catch (error) {
      this.#unlock();
      const isTaken = (error as NodeJS.ErrnoException).code === 'EEXIST';
      throw isTaken ? new Taken(`the file ${path} exists`) : cannotBeWritten(path, error);
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
      throw new HarnessError(
        `the result file ${this.path} could not be written to any more: ${reasonOf(error)}; what it holds is kept`,
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

function cannotBeWritten(path: string, error: unknown): UsageError {
  return new UsageError(`the result file ${path} cannot be written: ${reasonOf(error)}; choose another with --out`);
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    ENOSPC: 'no space left on the device',
    EDQUOT: 'the disk quota is used up',
    EFBIG: 'it would be larger than a file may be (`ulimit -f`)',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOTDIR: 'a part of its path is not a folder',
    EISDIR: 'it is a folder',
    EEXIST: 'a part of its path is a file',
    ENAMETOOLONG: 'its path is too long',
  };
  return known[code ?? ''] ?? message;
}
