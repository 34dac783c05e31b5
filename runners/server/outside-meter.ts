/** Measures processes from outside, which need not know of it: CPU and memory of a server that is not ours (Linux). */

import type { Clock } from '../../core/schedule.js';
import { processTree } from '../machine/core-time.js';
import { readProc } from '../machine/proc.js';
import { ProcessCpu } from '../machine/process-cpu.js';
import type { ServerReading } from './server-message.js';

const timelineEveryMs = 1_000;

export class OutsideMeter {
  readonly #cpus = new Map<number, ProcessCpu>();
  readonly #idleRssBytes: number;

  /** Before the first connection. @param pids of the server; what these have started counts too. */
  constructor(
    private readonly pids: readonly number[],
    private readonly clock: Clock,
  ) {
    this.#idleRssBytes = this.#rssBytes();
  }

  /** Of the time between two times on the clock, one after another; undefined when the processes are gone, or the kernel tells nothing. */
  async measure(fromUs: number, toUs: number): Promise<ServerReading | undefined> {
    await this.#until(fromUs);
    const [startUs, cpuAtStartUs, rssAtStartBytes] = [this.clock.nowUs(), this.#cpuUs(), this.#rssBytes()];
    const timeline: ServerReading['timeline'][number][] = [];
    let last = { us: startUs, cpuUs: cpuAtStartUs };
    const read = (): void => {
      const [us, cpuUs] = [this.clock.nowUs(), this.#cpuUs()];
      const cpuPercent = (100 * (cpuUs - last.cpuUs)) / (us - last.us);
      timeline.push({ atMs: (us - startUs) / 1000, cpuPercent, rssBytes: this.#rssBytes() });
      last = { us, cpuUs };
    };
    const timer = setInterval(read, timelineEveryMs);
    await this.#until(toUs);
    clearInterval(timer);
    const [observedUs, cpuUs, rssBytes] = [
      this.clock.nowUs() - startUs,
      this.#cpuUs() - cpuAtStartUs,
      this.#rssBytes(),
    ];
    for (const cpu of this.#cpus.values()) cpu.close();
    this.#cpus.clear();
    if (rssBytes === 0) return undefined;
    return { observedUs, cpuUs, rssBytes, rssAtStartBytes, idleRssBytes: this.#idleRssBytes, timeline };
  }

  /** What has ended keeps what it used. */
  #cpuUs(): number {
    for (const pid of this.#tree()) if (!this.#cpus.has(pid)) this.#cpus.set(pid, new ProcessCpu(pid));
    return [...this.#cpus.values()].reduce((sum, cpu) => sum + cpu.readUs(), 0);
  }

  #rssBytes(): number {
    const sizes = this.#tree().map((pid) => /^VmRSS:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/status`))?.[1]);
    return sizes.reduce((sum, kibibytes) => sum + 1024 * Number(kibibytes ?? 0), 0);
  }

  #tree(): number[] {
    return [...new Set(this.pids.flatMap(processTree))];
  }

  #until(us: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, Math.max(0, us - this.clock.nowUs()) / 1000));
  }
}
