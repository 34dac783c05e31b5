/** Reads files of /proc and /sys, by which Linux tells about itself. */

import { readFileSync } from 'node:fs';

/** Of utime and stime in /proc/PID/stat, and of all times in /proc/stat (USER_HZ). */
export const usPerTick = 10_000;

/** Empty where there is no such file, as on other systems. */
export function readProc(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Fields of /proc/PID/stat from the third on (proc(5)); none where there is no such process. */
export function statFields(pid: number | 'self'): string[] {
  return parseStatFields(readProc(`/proc/${pid}/stat`));
}

/** The name of the program, the second field, may hold anything. */
export function parseStatFields(stat: string): string[] {
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Whether a process is stopped, by SIGSTOP for example. */
export function isStopped(pid: number): boolean {
  return statFields(pid)[0]?.toLowerCase() === 't';
}
