/**
 * Reads how much CPU another process has used, without asking it: a question would wake the server that is to be
 * measured. Linux keeps it in ns by thread (/proc/PID/task/TID/schedstat, kernel: Documentation/scheduler/sched-stats)
 * and in ticks of 10 ms by process (/proc/PID/stat, proc(5)), for kernels without the former.
 */

import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { parseStatFields, usPerTick } from './proc.js';

export type CpuSource = 'schedstat' | 'ticks' | 'none';

interface OpenFile {
  readonly file: number;
  lastUs: number;
}

const buffer = Buffer.alloc(1024);

export class ProcessCpu {
  readonly source: CpuSource;
  readonly #folder: string;
  /** By path below the process's folder; files stay open, because opening costs more than reading. */
  readonly #files = new Map<string, OpenFile>();

  constructor(pid: number) {
    this.#folder = `/proc/${pid}`;
    this.source = this.#readThreads() > 0 ? 'schedstat' : this.#readTicks() > 0 ? 'ticks' : 'none';
  }

  /** CPU time of all threads so far, in us; those that have ended keep what they used. Never throws. */
  readUs(): number {
    if (this.source === 'none') return 0;
    return this.source === 'schedstat' ? this.#readThreads() : this.#readTicks();
  }

  /** The same of each thread, by a name of its own; of the process as one where the kernel tells no more. Never throws. */
  readByThreadUs(): ReadonlyMap<string, number> {
    this.readUs();
    const own = [...this.#files].filter(([path]) => this.source === 'schedstat' || path === 'stat');
    return new Map(own.map(([path, { lastUs }]) => [path, lastUs]));
  }

  close(): void {
    for (const { file } of this.#files.values()) closeSync(file);
    this.#files.clear();
  }

  #readThreads(): number {
    for (const thread of this.#threads()) this.#open(`task/${thread}/schedstat`);
    let us = 0;
    for (const [path, open] of this.#files) {
      if (path.endsWith('/schedstat')) us += read(open, (text) => Number.parseInt(text, 10) / 1000);
    }
    return us;
  }

  #readTicks(): number {
    const open = this.#open('stat');
    return open === undefined ? 0 : read(open, (text) => ticksOf(text) * usPerTick);
  }

  #threads(): string[] {
    try {
      return readdirSync(`${this.#folder}/task`);
    } catch {
      return [];
    }
  }

  #open(path: string): OpenFile | undefined {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    try {
      const opened = { file: openSync(`${this.#folder}/${path}`, 'r'), lastUs: 0 };
      this.#files.set(path, opened);
      return opened;
    } catch {
      return undefined;
    }
  }
}

/** What the file says now, or what it last said if its thread has ended. */
function read(open: OpenFile, usOf: (text: string) => number): number {
  try {
    const us = usOf(buffer.toString('latin1', 0, readSync(open.file, buffer, 0, buffer.length, 0)));
    if (Number.isFinite(us)) open.lastUs = us;
  } catch {
    // The thread has ended.
  }
  return open.lastUs;
}

/** utime and stime, fields 14 and 15. */
function ticksOf(stat: string): number {
  const fields = parseStatFields(stat);
  return Number(fields[11]) + Number(fields[12]);
}
