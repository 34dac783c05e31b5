/** Owns what the process that makes the load uses as a whole: its CPU over the window, its memory for connections. */

import { readFileSync } from 'node:fs';
import type { ProcessReading } from './trial-line.js';

export class ProcessLane {
  #beforeConnectBytes = 0;
  #connectRssBytes = 0;
  #rssBytes = 0;
  #cpuPercent = 0;
  #stolenShare = 0;
  #timers: NodeJS.Timeout[] = [];

  beforeConnect(): void {
    this.#beforeConnectBytes = process.memoryUsage.rss();
  }

  /** @param delayMs until the measured window, @param lengthMs of it. */
  measure(delayMs: number, lengthMs: number): void {
    this.#connectRssBytes = process.memoryUsage.rss() - this.#beforeConnectBytes;
    let cpu = process.cpuUsage();
    let fromNs = process.hrtime.bigint();
    let ticks = machineTicks();
    const begin = (): void => {
      cpu = process.cpuUsage();
      fromNs = process.hrtime.bigint();
      ticks = machineTicks();
    };
    const end = (): void => {
      const { user, system } = process.cpuUsage(cpu);
      this.#cpuPercent = (100 * (user + system) * 1000) / Number(process.hrtime.bigint() - fromNs);
      this.#rssBytes = process.memoryUsage.rss();
      const now = machineTicks();
      this.#stolenShare = now.all > ticks.all ? (now.stolen - ticks.stolen) / (now.all - ticks.all) : 0;
    };
    this.#timers = [setTimeout(begin, delayMs), setTimeout(end, delayMs + lengthMs)];
  }

  stop(): ProcessReading {
    for (const timer of this.#timers) clearTimeout(timer);
    return {
      cpuPercent: this.#cpuPercent,
      rssBytes: this.#rssBytes,
      connectRssBytes: this.#connectRssBytes,
      stolenShare: this.#stolenShare,
    };
  }
}

/** Clock ticks of all cores since boot, and those stolen by the hypervisor (proc(5), /proc/stat); zeros elsewhere. */
function machineTicks(): { readonly all: number; readonly stolen: number } {
  try {
    const [first] = readFileSync('/proc/stat', 'latin1').split('\n', 1);
    const ticks = first!.trim().split(/\s+/).slice(1, 9).map(Number);
    return { all: ticks.reduce((sum, n) => sum + n, 0), stolen: ticks[7] ?? 0 };
  } catch {
    return { all: 0, stolen: 0 };
  }
}
