/**
 * Keeps cores awake while they measure, in a virtual machine. A virtual core that halts gives its physical one away, and on
 * a busy host it waits for another each time that a message wakes it: that shows as steal time and as latency of the
 * server, which causes neither. A loop of the lowest priority (SCHED_IDLE, sched(7)) gives way to whatever wants to run,
 * and means that there is always something to run.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { findOnPath } from './child-process.js';
import { readProc } from './proc.js';

/** Ends by itself when nobody is left to end it, even if that happened before it began. */
const loop = `while (process.ppid === ${process.pid});`;

export class KeepAwake {
  readonly #loops: readonly ChildProcess[];

  /** @param cores to be kept awake; none: nothing happens. */
  constructor(private readonly cores: readonly number[]) {
    this.#loops = cores.map((core) =>
      spawn('taskset', ['-c', String(core), 'chrt', '--idle', '0', process.execPath, '-e', loop], { stdio: 'ignore' }),
    );
    // Without a loop the core may halt: the trial is noisier, but not wrong.
    for (const child of this.#loops) child.on('error', () => {});
  }

  /** Ids of the loops of these cores. */
  pidsOn(cores: readonly number[]): number[] {
    return this.#loops.flatMap(({ pid }, i) => (pid !== undefined && cores.includes(this.cores[i] ?? -1) ? [pid] : []));
  }

  /** Resolves when the loops are gone. */
  async end(): Promise<void> {
    const running = this.#loops.filter(({ pid, exitCode, signalCode }) => pid && exitCode === null && !signalCode);
    const gone = running.map((child) => once(child, 'exit'));
    for (const child of running) child.kill('SIGKILL');
    await Promise.all(gone);
  }
}

/** Whether cores can and should be kept awake here: a virtual machine whose cores are ours to use without a quota. */
export function canKeepAwake(): boolean {
  return findOnPath('chrt') !== undefined && isVirtual() && !hasQuota();
}

function isVirtual(): boolean {
  return /^flags\s*:.*\bhypervisor\b/m.test(readProc('/proc/cpuinfo'));
}

/** A loop would use up what a container may use (cgroup v2, cpu.max: "max 100000" or "150000 100000"). */
function hasQuota(): boolean {
  const path = /^0::(.*)$/m.exec(readProc('/proc/self/cgroup'))?.[1] ?? '/';
  const folders = path.split('/').map((_, i, parts) => join('/sys/fs/cgroup', ...parts.slice(0, i + 1)));
  return folders.some((folder) => {
    const [quota, period] = readProc(join(folder, 'cpu.max')).trim().split(' ').map(Number);
    return quota !== undefined && period !== undefined && quota / period < availableParallelism();
  });
}
