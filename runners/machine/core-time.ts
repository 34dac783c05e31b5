/**
 * Measures who had the time of some cores: other guests of the hypervisor (steal time), programs of others, or our own.
 * Others show in two ways, of which the larger counts: our threads were ready to run and were kept waiting, which the
 * kernel tells in ns by thread (schedstat; kernel: Documentation/scheduler/sched-stats); and the cores were busy for
 * longer than our threads ran, which it samples in ticks of 10 ms (/proc/stat, proc(5)).
 */

import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { readProc, statFields, usPerTick } from './proc.js';

export interface CpuTicks {
  readonly all: number;
  readonly busy: number;
  /** Busy with programs, not with interrupts. */
  readonly ran: number;
  /** Given to others by the hypervisor. */
  readonly stolen: number;
}

/** Of all cores together where none are named. */
export function parseCpuTicks(stat: string, cores?: readonly number[]): CpuTicks {
  const names = new Set(cores?.map((core) => `cpu${core}`) ?? ['cpu']);
  const sum = { all: 0, busy: 0, ran: 0, stolen: 0 };
  for (const [line] of stat.matchAll(/^cpu.*$/gm)) {
    const [name = '', ...fields] = line.split(/\s+/);
    if (!names.has(name)) continue;
    const [user = 0, nice = 0, system = 0, idle = 0, ioWait = 0, irq = 0, softIrq = 0, stolen = 0] = fields.map(Number);
    const ran = user + nice + system;
    const busy = ran + irq + softIrq;
    sum.all += busy + idle + ioWait + stolen;
    sum.busy += busy;
    sum.ran += ran;
    sum.stolen += stolen;
  }
  return sum;
}

/** So far; none where there is no /proc. */
export function readCpuTicks(): CpuTicks {
  return parseCpuTicks(readProc('/proc/stat'));
}

/** Share of the machine's time that its hypervisor gave to others, 0..1; 0 where that is not known. */
export function stolenShare(from: CpuTicks, to: CpuTicks): number {
  return to.all > from.all ? Math.max(0, to.stolen - from.stolen) / (to.all - from.all) : 0;
}

/** What runs on some cores during a trial that is ours. */
export interface CoreUse {
  readonly cores: readonly number[];
  /** At least one. */
  readonly pids: readonly number[];
  /** Of the loops that keep cores awake: they give way to everyone, so nobody has to wait for them. */
  readonly loops: readonly number[];
  /** Threads that each need a core; what others take of cores that are to spare takes nothing from these. */
  readonly busyThreads: number;
}

/** What a thread had so far. */
export interface ThreadTime {
  readonly cpuUs: number;
  /** Ready to run, while something else had the core. */
  readonly waitedUs: number;
  /** Times that it was given a core. */
  readonly turns: number;
}

export interface CoreMark {
  readonly atUs: number;
  readonly ticks: CpuTicks;
  readonly pids: readonly number[];
  readonly threads: ReadonlyMap<string, ThreadTime>;
  /** CPU of the loops, and of what the servers started and has ended. */
  readonly besideUs: number;
}

const buffer = Buffer.alloc(128);

/** What processes and their threads had so far. Files stay open: to open one takes longer than to read it. */
export class ThreadReader {
  readonly #files = new Map<string, number>();

  /** @returns undefined where the kernel does not tell of threads, or a process is gone. */
  mark({ cores, pids, loops }: CoreUse, atUs: number, stat: string): CoreMark | undefined {
    const own = pids.map((pid) => this.#threadsOf(pid));
    if (own.some(({ length }) => length === 0)) return undefined;
    const ended = pids.map((pid) => (pid === process.pid ? 0 : endedChildrenUs(pid)));
    const looped = loops.map((pid) => parseSchedstat(this.#read(`/proc/${pid}/schedstat`))?.cpuUs ?? 0);
    const besideUs = [...ended, ...looped].reduce((sum, us) => sum + us, 0);
    return { atUs, ticks: parseCpuTicks(stat, cores), pids, threads: new Map(own.flat()), besideUs };
  }

  close(): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
  }

  #threadsOf(pid: number): [string, ThreadTime][] {
    return taskIds(pid).flatMap((thread) => {
      const time = parseSchedstat(this.#read(`/proc/${pid}/task/${thread}/schedstat`));
      return time ? [[thread, time]] : [];
    });
  }

  #read(path: string): string {
    try {
      const file = this.#files.get(path) ?? openSync(path, 'r');
      this.#files.set(path, file);
      return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0));
    } catch {
      return '';
    }
  }
}

function taskIds(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

export function parseSchedstat(text: string): ThreadTime | undefined {
  const [cpuNs = 0, waitedNs = 0, turns = 0] = text.split(' ').map(Number);
  return cpuNs > 0 ? { cpuUs: cpuNs / 1000, waitedUs: waitedNs / 1000, turns } : undefined;
}

/**
 * Tells for how many us this thread has waited for a core so far while no other thread of this process ran; 0 where the
 * kernel does not tell.
 */
export function waitForCore(): () => number {
  let file: number;
  try {
    file = openSync('/proc/thread-self/schedstat', 'r');
  } catch {
    return () => 0;
  }
  return () => {
    // Asked for first, because that brings what the file says of this thread's CPU time up to date.
    const { user, system } = process.cpuUsage();
    const time = parseSchedstat(buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0)));
    return time === undefined ? 0 : time.waitedUs - (user + system - time.cpuUs);
  };
}

function endedChildrenUs(pid: number): number {
  const [user = 0, system = 0] = statFields(pid).slice(13, 15).map(Number);
  return (user + system) * usPerTick;
}

/** A process with all that its main thread and theirs started and that still run, where the kernel tells of children. */
export function processTree(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(processTree)];
}

/** Processes that the main thread of another has started and that still run, in the order of their start; see `processTree`. */
export function childrenOf(pid: number): number[] {
  return (readProc(`/proc/${pid}/task/${pid}/children`).match(/\d+/g) ?? []).map(Number);
}

/** To change from one thread to another takes the kernel about 1 us, which counts as waiting; twice that is forgiven. */
const switchUs = 2;

/**
 * How much of the time of our busy threads others took, 0..1: what our threads had to wait for each other is not it.
 * @returns undefined when a process of ours has ended meanwhile, which had its share of the cores.
 */
export function othersShare(from: CoreMark, to: CoreMark, { cores, busyThreads }: CoreUse): number | undefined {
  const spanUs = to.atUs - from.atUs;
  if (spanUs <= 0 || from.pids.some((pid) => !to.pids.includes(pid))) return undefined;
  const used = [...to.threads].map(([id, { cpuUs, waitedUs, turns }]) => {
    const before = from.threads.get(id) ?? { cpuUs: 0, waitedUs: 0, turns: 0 };
    return {
      cpuUs: cpuUs - before.cpuUs,
      waitedUs: waitedUs - before.waitedUs - (turns - before.turns) * switchUs,
    };
  });
  const ownUs = used.reduce((sum, { cpuUs }) => sum + cpuUs, to.besideUs - from.besideUs);
  return Math.min(
    1,
    Math.max(keptWaitingUs(used, cores.length) / spanUs, tookShare(from, to, ownUs, cores, busyThreads)),
  );
}

/** Of the thread that suffered most. The busiest of the other threads may have been on other cores meanwhile. */
function keptWaitingUs(used: readonly Pick<ThreadTime, 'cpuUs' | 'waitedUs'>[], cores: number): number {
  const busiest = used.toSorted((one, other) => other.cpuUs - one.cpuUs);
  const waits = busiest.map((thread) => {
    const rivals = busiest.filter((other) => other !== thread).slice(cores - 1);
    return thread.waitedUs - rivals.reduce((sum, { cpuUs }) => sum + cpuUs, 0);
  });
  return Math.max(0, ...waits);
}

/**
 * By ticks, where the difference is more than chance: of n ticks, what is found running is off by half the root of n at most.
 * Sampling can be in step with what runs; then the time that was not idle, which is exact, is less than what was found.
 */
function tookShare(
  { ticks: from, atUs }: CoreMark,
  { ticks: to, atUs: toUs }: CoreMark,
  ownUs: number,
  { length: cores }: readonly number[],
  busyThreads: number,
): number {
  const ticks = (toUs - atUs) / usPerTick;
  const ran = Math.min(to.ran - from.ran, cores * ticks - (to.all - from.all - (to.ran - from.ran)));
  const others = ran - ownUs / usPerTick;
  const needed = Math.min(busyThreads, cores);
  return others > Math.sqrt(cores * ticks) ? Math.max(0, others - (cores - needed) * ticks) / (needed * ticks) : 0;
}
