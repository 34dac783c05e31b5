/** Where a file is written: never over one that is there unless the user says so, and never over one that is read for it. */

import { type BigIntStats, rmSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../failure.js';
import { lockOwner, type Owner } from '../machine-lock.js';

/** Where the user wants a file. */
export interface Destination {
  readonly path: string;
  /** What names it on the command line; `--out` unless it is said. */
  readonly option?: string;
  /** Whether a file that is there may be replaced. */
  readonly force?: boolean;
  /** Files that the command reads: none of them is ever replaced. */
  readonly inputs?: readonly string[];
}

/** There is such a file already. */
export class Taken extends UsageError {}

function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

const choose = ({ option = '--out' }: Destination): string => `choose another with ${option}`;

/** @returns why the file must not be written there. Nothing is changed. */
export function problemWith(destination: Destination): UsageError | undefined {
  const { path, force = false, inputs = [] } = destination;
  const file = statOf(path);
  // A stream that is redirected to a file looks like that file.
  const isStream = /^\/(?:dev\/(?:fd\/|std)|proc\/)/.test(resolve(path));
  if (isStream || (file && !file.isFile())) {
    const what = file?.isDirectory() ? 'a folder' : 'a device, a pipe or a stream';
    return new UsageError(`${path} is ${what}, and a file is needed; ${choose(destination)}`);
  }
  if (file === undefined) return undefined;
  const isSame = (input: string): boolean => {
    const other = statOf(input);
    return other?.ino === file.ino && other.dev === file.dev;
  };
  if (inputs.some(isSame))
    return new UsageError(`${path} is a file that is read here, which is never replaced; ${choose(destination)}`);
  const writer = lockOwner(lockOf(path));
  if (writer) return beingWritten(destination, writer);
  return force ? undefined : exists(destination);
}

/** @throws UsageError when the file must not be written there. Nothing is changed. */
export function requireFree(destination: Destination): void {
  const problem = problemWith(destination);
  if (problem) throw problem;
}

/** Writes a whole file. @throws UsageError when it must not, or cannot, be written there. */
export function writeWhole(destination: Destination, data: string | Buffer): void {
  requireFree(destination);
  const { path, force = false } = destination;
  const isNew = statOf(path) === undefined;
  try {
    writeFileSync(path, data, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    // A part of it is of no use.
    if (isNew && !isTaken(error) && statOf(path)) rmSync(path);
    throw cannotBeWritten(destination, error);
  }
}

function exists(destination: Destination): Taken {
  return new Taken(`the file ${destination.path} exists: replace it with --force, or ${choose(destination)}`);
}

export function beingWritten(destination: Destination, { pid }: Owner): Taken {
  return new Taken(
    `the result file ${destination.path} is being written by process ${pid}: wait for it, or ${choose(destination)}`,
  );
}

export function cannotBeWritten(destination: Destination, error: unknown): UsageError {
  if (isTaken(error)) return exists(destination);
  return new UsageError(`the file ${destination.path} cannot be written: ${reasonOf(error)}; ${choose(destination)}`);
}

const isTaken = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EEXIST';

/** Where whoever writes a result file says so. */
export function lockOf(path: string): string {
  return `${path}.lock`;
}

/** The process that is writing a result file; undefined where there is none. */
export function lockedBy(path: string): number | undefined {
  return lockOwner(lockOf(path))?.pid;
}

export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    ENOSPC: 'no space left on the device',
    EDQUOT: 'the disk quota is used up',
    EFBIG: 'it would be larger than a file may be (`ulimit -f`)',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOENT: 'there is no such folder',
    ENOTDIR: 'a part of its path is not a folder',
    EISDIR: 'it is a folder',
    ENAMETOOLONG: 'its path is too long',
  };
  return known[code ?? ''] ?? message;
}
