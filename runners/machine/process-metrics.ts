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
    const mark = () => ({ cpu: process.cpuUsage(), ns: process.hrtime.bigint(), ticks: readCpuTicks() });
    let from = mark();
    const begin = (): void => {
      from = mark();
    };
    const end = (): void => {
      const { user, system } = process.cpuUsage(from.cpu);
      this.#reading = {
        cpuPercent: (100 * (user + system) * 1000) / Number(process.hrtime.bigint() - from.ns),
        rssBytes: process.memoryUsage.rss(),
        connectRssBytes,
        stolenShare: stolenShare(from.ticks, readCpuTicks()),
      };
    };
    this.#timers = [setTimeout(begin, delayMs), setTimeout(end, delayMs + lengthMs)];
  }

  stop(): ProcessReading {
    for (const timer of this.#timers) clearTimeout(timer);
    return this.#reading;
  }
}
