/** Reads CPU and memory of processes and of all that these have started, from outside, and names the thread that used most. */

import { childrenOf, processTree } from '../machine/core-time.js';
import { readProc } from '../machine/proc.js';
import { ProcessCpu } from '../machine/process-cpu.js';
import type { ServerReading } from './server-message.js';

/** CPU so far in us, by process and thread. */
type ThreadTimes = ReadonlyMap<number, ReadonlyMap<string, number>>;

/** Of a server of one process. */
export const onlyProcess = 'the process that serves';
const laterProcess = 'a process that was started meanwhile';

export class ProcessTrees {
  readonly #cpus = new Map<number, ProcessCpu>();

  constructor(private readonly pids: readonly number[]) {}

  /** What has ended keeps what it used. */
  cpuUs(): number {
    return sum(this.#known().map(([, cpu]) => cpu.readUs()));
  }

  /** Also of what has ended. */
  threadsUs(): ThreadTimes {
    return new Map(this.#known().map(([pid, cpu]) => [pid, cpu.readByThreadUs()]));
  }

  rssBytes(): number {
    return sum(this.rssByProcess().values());
  }

  /** Of those that run. */
  rssByProcess(): Map<number, number> {
    return new Map(
      this.#all().flatMap((pid) => {
        const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/status`)) ?? [];
        return kibibytes === undefined ? [] : [[pid, 1024 * Number(kibibytes)]];
      }),
    );
  }

  /**
   * What a reader calls those that run now. One of several equal ones has its number; where one has started the others,
   * it is the primary, and they are its workers.
   */
  names(): Map<number, string> {
    const trees = this.pids.map(processTree);
    const [lead = 0] = this.pids;
    const apart = trees.filter(([root = 0]) => trees.every((other) => other[0] === root || !other.includes(root)));
    if (apart.length > 1)
      return new Map(apart.flatMap((tree, i) => named(tree, `process ${i + 1} of ${apart.length}`)));
    const workers = childrenOf(lead).map(processTree);
    return new Map([
      // `npm start`, or a shell.
      ...named(apart.flat(), 'the process that started the server'),
      ...named([lead], workers.length > 0 ? 'the primary' : onlyProcess),
      ...workers.flatMap((tree, i) => named(tree, `worker ${i + 1} of ${workers.length}`)),
    ]);
  }

  close(): void {
    for (const cpu of this.#cpus.values()) cpu.close();
    this.#cpus.clear();
  }

  #known(): [number, ProcessCpu][] {
    for (const pid of this.#all()) if (!this.#cpus.has(pid)) this.#cpus.set(pid, new ProcessCpu(pid));
    return [...this.#cpus];
  }

  #all(): number[] {
    return [...new Set(this.pids.flatMap(processTree))];
  }
}

const named = (pids: readonly number[], name: string) => pids.map((pid) => [pid, name] as const);

/**
 * The thread that used most CPU between two readings: a process of one busy thread cannot use more than one core, however
 * many there are. Undefined where the kernel tells nothing.
 */
export function busiestThread(
  names: ReadonlyMap<number, string>,
  before: ThreadTimes,
  after: ThreadTimes,
): ServerReading['busiestThread'] {
  const used = [...after].flatMap(([pid, threads]) =>
    [...threads].map(([thread, us]) => ({
      process: names.get(pid) ?? laterProcess,
      cpuUs: us - (before.get(pid)?.get(thread) ?? 0),
    })),
  );
  return used.toSorted((one, other) => other.cpuUs - one.cpuUs)[0];
}

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
