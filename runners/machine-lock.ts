/**
 * Locks: files that say which process has something, a result file that it writes for example. The lock of a process that
 * has died is taken over. By one in the user's cache folder, benches on one machine measure one after the other.
 */

import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Reason } from '../core/measure/reason.js';
import { count, name } from '../core/stored-value.js';
import { calibrationPath } from './machine/calibration-file.js';
import { makeFolder } from './machine/folders.js';
import { statFields } from './machine/proc.js';

const ownerSchema = z.object({
  pid: count,
  /** In clock ticks since boot: together with its id, one process for good. Empty where there is no /proc. */
  startedAt: name,
  command: name,
});
export type Owner = z.infer<typeof ownerSchema>;

export interface Turn {
  /** For others who wait, `bench run echo` for example. */
  readonly command: string;
  /** False: go on at once, whoever measures. */
  readonly wait: boolean;
  readonly signal: AbortSignal;
}

const pollMs = 500;
/** Each that fails found that someone else took or left the lock at that very moment. */
const mostTries = 100;

/** Beside the calibration of the machine. */
export function lockPath(): string {
  return join(dirname(calibrationPath()), 'measuring.lock');
}

/**
 * Calls `use` when no other bench measures here, with what must be known of its figures.
 * @param tell is given a sentence for the user: whom this waits for, or that it cannot know.
 * @throws the reason of the signal when it aborts meanwhile.
 */
export async function takingTurns<Outcome>(
  { command, wait, signal }: Turn,
  tell: (sentence: string) => void,
  use: (warnings: readonly Reason[]) => Promise<Outcome>,
  path = lockPath(),
): Promise<Outcome> {
  const own = ownerNow(command);
  let other: Owner | undefined;
  const take = (): Owner | undefined => {
    try {
      return takeLock(path, own);
    } catch (error) {
      tell(`whether another bench measures here cannot be known: ${(error as Error).message}`);
      return undefined;
    }
  };
  for (let told: Owner | undefined; ; told = other) {
    other = take();
    if (other === undefined || !wait) break;
    if (told === undefined || identity(told) !== identity(other))
      tell(`waiting for ${other.command} (process ${other.pid}) to end; --no-wait goes on at once`);
    await sleep(pollMs, undefined, { signal }).catch(() => {});
    signal.throwIfAborted();
  }
  try {
    return await use(other ? [{ code: 'other-bench', command: other.command, process: other.pid }] : []);
  } finally {
    releaseLock(path, own);
  }
}

export function ownerNow(command: string): Owner {
  return { pid: process.pid, startedAt: startOf(process.pid) ?? '', command: command.slice(0, 200) };
}

/**
 * @returns who has the lock, if not this process now.
 * @throws Error when the folder cannot be written to, or something else has the name of the lock.
 */
export function takeLock(path: string, own: Owner): Owner | undefined {
  makeFolder(dirname(path));
  for (let tries = 0; tries < mostTries; tries++) {
    if (created(path, own)) return undefined;
    const found = readLock(path);
    if (found === undefined) continue;
    if (found.owner && isAlive(found.owner)) return found.owner;
    // One at a time may replace this one lock, which never comes again. Who would, may die too.
    const right = `${path}.${found.id}`;
    const replacing = takeLock(right, own);
    if (replacing) return replacing;
    const isStill = readLock(path)?.id === found.id;
    if (isStill) renameSync(written(path, own), path);
    rmSync(right, { force: true });
    if (isStill) return undefined;
  }
  throw new Error(`${path} can be neither read nor created`);
}

/** @returns who has the lock, if a process that lives has it. */
export function lockOwner(path: string): Owner | undefined {
  try {
    const owner = readLock(path)?.owner;
    return owner && isAlive(owner) ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** Does nothing where the lock is another's. Never throws: what cannot be removed is stale when this process has ended. */
export function releaseLock(path: string, own: Owner): void {
  try {
    const owner = readLock(path)?.owner;
    if (owner && identity(owner) === identity(own)) rmSync(path, { force: true });
  } catch {
    // The folder is gone, or may not be written to any more.
  }
}

/** Nobody ever reads half of a lock: it gets its name when it is whole, if nothing has that name. */
function created(path: string, own: Owner): boolean {
  const whole = written(path, own);
  try {
    linkSync(whole, path);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!linkless.includes(code)) throw error;
    return createdHere(path, own);
  } finally {
    rmSync(whole, { force: true });
  }
}

/** What is said where the file system has no hard links. */
const linkless = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** For a moment it is empty, as a damaged one is: who would take it over looks at it twice. */
function createdHere(path: string, own: Owner): boolean {
  try {
    writeFileSync(path, JSON.stringify(own), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

function written(path: string, own: Owner): string {
  const whole = `${path}.of-${own.pid}`;
  writeFileSync(whole, JSON.stringify(own));
  return whole;
}

/** @returns undefined when there is none; without an owner when it is damaged. */
function readLock(path: string): { readonly id: string; readonly owner?: Owner | undefined } | undefined {
  try {
    const { ino } = statSync(path);
    const parsed = ownerSchema.safeParse(jsonOf(readFileSync(path, 'utf8')));
    return parsed.success ? { id: identity(parsed.data), owner: parsed.data } : { id: `damaged-${ino}` };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const identity = ({ pid, startedAt }: Owner): string => `${pid}-${startedAt}`.replace(/[^\w-]/g, '');

function isAlive({ pid, startedAt }: Owner): boolean {
  if (startedAt !== '') return startOf(pid) === startedAt;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** @returns undefined for a process that has ended, even if nobody has asked for its exit code yet (Z). */
function startOf(pid: number): string | undefined {
  const fields = statFields(pid);
  return /[ZX]/i.test(fields[0] ?? 'X') ? undefined : fields[19];
}
