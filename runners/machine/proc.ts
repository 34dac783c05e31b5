/** Reads files of /proc and /sys, by which Linux tells about itself. */

import { openSync, readFileSync, readSync } from 'node:fs';

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

/**
 * Tells for how many us this thread has waited for a core so far while it could have run and no other thread of this
 * process did: the second field of schedstat (kernel: Documentation/scheduler/sched-stats), less what the others used.
 * 0 where the kernel does not tell.
 */
export function waitForCore(): () => number {
  const buffer = Buffer.alloc(64);
  let file: number;
  try {
    file = openSync('/proc/thread-self/schedstat', 'r');
  } catch {
    return () => 0;
  }
  return () => {
    // To be called before: it brings the first field up to date.
    const { user, system } = process.cpuUsage();
    const length = readSync(file, buffer, 0, buffer.length, 0);
    const [usedNs = 0, waitedNs = 0] = buffer.toString('latin1', 0, length).split(' ').map(Number);
    return waitedNs / 1000 - (user + system - usedNs / 1000);
  };
}

/** Whether a process is stopped, by SIGSTOP for example. */
export function isStopped(pid: number): boolean {
  return statFields(pid)[0]?.toLowerCase() === 't';
}
