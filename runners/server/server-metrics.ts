/** Measures inside the server process: CPU, memory, event-loop delay and garbage collection. */

import { type IntervalHistogram, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, msUntil } from '../../core/schedule.js';
import { ProcessCpu } from '../machine/process-cpu.js';
import { busiestThread, onlyProcess } from './process-trees.js';
import type { ServerReading } from './server-message.js';

/** Period of the timer by which the event loop's delay is sampled. */
const delayResolutionMs = 10;
const timelineEveryMs = 1_000;

export class ServerMeter {
  readonly #idle = process.memoryUsage();
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: delayResolutionMs });
  /** Since the last reading of the timeline: Node has no difference of two such histograms. */
  readonly #delayOfReading: IntervalHistogram = monitorEventLoopDelay({ resolution: delayResolutionMs });
  #gcMs = 0;
  #gcCount = 0;
  #fromUs = 0;
  #rssAtStartBytes = 0;
  #cpuAtStart = process.cpuUsage();
  #timeline: ServerReading['timeline'][number][] = [];
  #last = { us: 0, cpuUs: 0, gcMs: 0 };
  #threads: ProcessCpu | undefined;
  #threadsAtStartUs: ReadonlyMap<string, number> = new Map();
  #timer: NodeJS.Timeout | undefined;
  readonly #gc = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      this.#gcMs += entry.duration;
      this.#gcCount++;
    }
  });

  /** Before the first connection: what is read now is what the server costs idle. */
  constructor(private readonly clock: Clock) {}

  /** Of the time between two times on the clock; of one window after another. */
  async measure(fromUs: number, toUs: number): Promise<ServerReading> {
    await sleep(msUntil(fromUs, this.clock));
    this.#start();
    await sleep(msUntil(toUs, this.clock));
    return this.#stop();
  }

  #start(): void {
    this.#timeline = [];
    [this.#gcMs, this.#gcCount] = [0, 0];
    this.#gc.observe({ entryTypes: ['gc'] });
    this.#delay.enable();
    this.#delay.reset();
    this.#delayOfReading.enable();
    this.#delayOfReading.reset();
    this.#threads = new ProcessCpu(process.pid);
    this.#threadsAtStartUs = this.#threads.readByThreadUs();
    this.#rssAtStartBytes = process.memoryUsage.rss();
    this.#fromUs = this.clock.nowUs();
    this.#cpuAtStart = process.cpuUsage();
    this.#last = { us: this.#fromUs, cpuUs: 0, gcMs: this.#gcMs };
    this.#timer = setInterval(() => this.#read(), timelineEveryMs);
  }

  #read(): void {
    const { us: lastUs, cpuUs: lastCpuUs, gcMs: lastGcMs } = this.#last;
    this.#last = { us: this.clock.nowUs(), cpuUs: this.#cpuUs(), gcMs: this.#gcMs };
    const { us, cpuUs, gcMs } = this.#last;
    const { rss, heapUsed } = process.memoryUsage();
    this.#timeline.push({
      atMs: (us - this.#fromUs) / 1000,
      cpuPercent: (100 * (cpuUs - lastCpuUs)) / (us - lastUs),
      rssBytes: rss,
      heapBytes: heapUsed,
      eventLoopDelayP99Us: this.#delayBeyondPeriodUs(this.#delayOfReading.percentile(99)),
      gcMs: gcMs - lastGcMs,
    });
    this.#delayOfReading.reset();
  }

  #stop(): ServerReading {
    const observedUs = this.clock.nowUs() - this.#fromUs;
    const cpuUs = this.#cpuUs();
    clearInterval(this.#timer);
    const busiest = this.#busiestThread();
    // The timer of the last second is as late as this is.
    if (this.clock.nowUs() - this.#last.us > 500 * timelineEveryMs) this.#read();
    this.#delay.disable();
    this.#delayOfReading.disable();
    this.#gc.disconnect();
    const { rss, heapUsed, external } = process.memoryUsage();
    return {
      observedUs,
      cpuUs,
      rssBytes: rss,
      rssAtStartBytes: this.#rssAtStartBytes,
      idleRssBytes: this.#idle.rss,
      idleHeapBytes: this.#idle.heapUsed,
      idleExternalBytes: this.#idle.external,
      heapBytes: heapUsed,
      externalBytes: external,
      eventLoopDelayUs: {
        p50: this.#delayBeyondPeriodUs(this.#delay.percentile(50)),
        p99: this.#delayBeyondPeriodUs(this.#delay.percentile(99)),
        max: this.#delayBeyondPeriodUs(this.#delay.max),
      },
      gcMs: this.#gcMs,
      gcCount: this.#gcCount,
      timeline: this.#timeline,
      busiestThread: busiest,
    };
  }

  #busiestThread(): ServerReading['busiestThread'] {
    const { pid } = process;
    const threadsUs = this.#threads?.readByThreadUs() ?? new Map();
    this.#threads?.close();
    return busiestThread(
      new Map([[pid, onlyProcess]]),
      new Map([[pid, this.#threadsAtStartUs]]),
      new Map([[pid, threadsUs]]),
    );
  }

  #cpuUs(): number {
    const { user, system } = process.cpuUsage(this.#cpuAtStart);
    return user + system;
  }

  /** Node's histogram holds whole periods of its timer in ns; what exceeds the period is the delay. */
  #delayBeyondPeriodUs(ns: number): number {
    return Math.max(0, ns / 1000 - delayResolutionMs * 1000);
  }
}
