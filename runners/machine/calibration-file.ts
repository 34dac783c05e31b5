/**
 * Reads and writes the file in the user's cache folder that says how the last calibration of this machine ended. It is a note, not
 * a proof: what cannot be read, or was written on another machine, counts as absent.
 */

import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { type Calibration, calibrationSchema } from '../../core/measure/calibration.js';
import type { Environment } from '../../core/result.js';
import { HarnessError } from '../failure.js';
import { makeFolder } from './folders.js';

/** What must not have changed for a calibration to hold. */
export type Machine = Pick<Environment, 'cpu' | 'cores' | 'node' | 'os'>;

const maxBytes = 64 * 1024;

/** In `$XDG_CACHE_HOME`, or `~/.cache` where that is unset or relative (XDG Base Directory Specification). */
export function calibrationPath(): string {
  const wanted = process.env['XDG_CACHE_HOME'] ?? '';
  return join(isAbsolute(wanted) ? wanted : join(homedir(), '.cache'), 'socketbench', 'calibration.json');
}

/** The last calibration of `machine`; null when there is none that can be trusted. Never throws. */
export function readCalibration(machine: Machine, path = calibrationPath()): Calibration | null {
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > maxBytes) return null;
    const file = JSON.parse(readFileSync(path, 'utf8')) as { machine?: unknown; calibration?: unknown } | null;
    if (identity(file?.machine as Machine) !== identity(machine)) return null;
    const parsed = calibrationSchema.safeParse(file?.calibration);
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/**
 * Replaces the file as a whole, so that nobody ever reads half of it.
 * @throws HarnessError when that is impossible.
 */
export function writeCalibration(machine: Machine, calibration: Calibration, path = calibrationPath()): void {
  const unfinished = `${path}.${process.pid}`;
  const { cpu, cores, node, os } = machine;
  try {
    makeFolder(dirname(path));
    writeFileSync(unfinished, `${JSON.stringify({ machine: { cpu, cores, node, os }, calibration }, null, 2)}\n`);
    renameSync(unfinished, path);
  } catch (error) {
    try {
      rmSync(unfinished, { force: true });
    } catch {
      // Its folder is no folder, so there is no such file.
    }
    throw new HarnessError(
      `the calibration cannot be kept in ${path}: ${(error as Error).message}; set XDG_CACHE_HOME to a folder that can be written to`,
    );
  }
}

function identity({ cpu, cores, node, os }: Machine): string {
  return JSON.stringify([cpu, cores, node, os]);
}
