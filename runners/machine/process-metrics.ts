/** Measures the process that makes the load: its CPU over the window, its memory for connections. */

import { readCpuTicks, stolenShare } from './steal-time.js';

export interface ProcessReading {
  readonly cpuPercent: number;
  readonly rssBytes: number;
  readonly connectRssBytes: number;
  readonly stolenShare: number;
}

export class ProcessMeter {
  #beforeConnectBytes = 0;
  #reading: ProcessReading = { cpuPercent: 0, rssBytes: 0, connectRssBytes: 0, stolenShare: 0 };
  #timers: NodeJS.Timeout[] = [];

  beforeConnect(): void {
    this.#beforeConnectBytes = process.memoryUsage.rss();
  }

  /** @param delayMs until the measured window, @param lengthMs of it. */
  measure(delayMs: number, lengthMs: number): void {
    const connectRssBytes = process.memoryUsage.rss() - this.#beforeConnectBytes;
    this.#reading = { ...this.#reading, connectRssBytes };
    let cpu = process.cpuUsage();
    let fromNs = process.hrtime.bigint();
    let ticks = readCpuTicks();
    const begin = (): void => {
      cpu = process.cpuUsage();
      fromNs = process.hrtime.bigint();
      ticks = readCpuTicks();
    };
    const end = (): void => {
      const { user, system } = process.cpuUsage(cpu);
      this.#reading = {
        cpuPercent: (100 * (user + system) * 1000) / Number(process.hrtime.bigint() - fromNs),
        rssBytes: process.memoryUsage.rss(),
        connectRssBytes,
        stolenShare: stolenShare(ticks, readCpuTicks()),
      };
    };
    this.#timers = [setTimeout(begin, delayMs), setTimeout(end, delayMs + lengthMs)];
  }

  stop(): ProcessReading {
    for (const timer of this.#timers) clearTimeout(timer);
    return this.#reading;
  }
}
