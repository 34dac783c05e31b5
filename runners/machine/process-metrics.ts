/** Measures the process that makes the load, and what befell it and the servers: its CPU and memory, and what others took. */

import { type CoreUse, othersShare, parseCpuTicks, stolenShare, ThreadReader } from './core-time.js';
import { isStopped, readProc } from './proc.js';

export interface ProcessReading {
  readonly cpuPercent: number;
  readonly rssBytes: number;
  readonly connectRssBytes: number;
  readonly stolenShare: number;
  /** What others took of the time of the server's core and of the generator's, 0..1; undefined where that is not known. */
  readonly othersShares: Readonly<Record<keyof TrialCores, number | undefined>>;
  /** How long a server was stopped (SIGSTOP). */
  readonly serverStoppedUs: number;
  readonly generatorStopped: boolean;
}

/** What is ours on the cores of a trial. */
export interface TrialCores {
  readonly server: CoreUse;
  readonly generator: CoreUse;
}

export class ProcessMeter {
  #beforeConnectBytes = 0;
  #reading: ProcessReading = {
    ...{ cpuPercent: 0, rssBytes: 0, connectRssBytes: 0, stolenShare: 0 },
    ...{ othersShares: { server: undefined, generator: undefined }, serverStoppedUs: 0, generatorStopped: false },
  };
  #timers: NodeJS.Timeout[] = [];
  readonly #threads = new ThreadReader();
  #generatorStopped = false;
  #stoppedUs = 0;
  /** When a server was found stopped that goes on being it. */
  #stoppedAtUs: number | undefined;

  /** @param cores asked for at both ends of the window, because a server may be replaced in it. */
  constructor(private readonly cores: () => TrialCores) {
    process.on('SIGCHLD', this.#childChanged).on('SIGCONT', this.#continued);
  }

  beforeConnect(): void {
    this.#beforeConnectBytes = process.memoryUsage.rss();
  }

  /** @param beginMs until the measured window. @param endMs until its end. */
  measure(beginMs: number, endMs: number): void {
    const connectRssBytes = process.memoryUsage.rss() - this.#beforeConnectBytes;
    this.#reading = { ...this.#reading, connectRssBytes };
    let from = this.#mark();
    const begin = (): void => {
      from = this.#mark();
    };
    const end = (): void => {
      const { user, system } = process.cpuUsage(from.cpu);
      const to = this.#mark();
      const othersIn = (place: keyof TrialCores) => {
        const [before, after] = [from[place], to[place]];
        return before && after && othersShare(before, after, to.cores[place]);
      };
      this.#reading = {
        ...this.#reading,
        cpuPercent: (100 * (user + system)) / (to.atUs - from.atUs),
        rssBytes: process.memoryUsage.rss(),
        stolenShare: stolenShare(from.ticks, to.ticks),
        othersShares: { server: othersIn('server'), generator: othersIn('generator') },
      };
    };
    this.#timers = [setTimeout(begin, beginMs), setTimeout(end, endMs)];
  }

  stop(): ProcessReading {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#threads.close();
    process.off('SIGCHLD', this.#childChanged).off('SIGCONT', this.#continued);
    const stillUs = this.#stoppedAtUs === undefined ? 0 : nowUs() - this.#stoppedAtUs;
    return {
      ...this.#reading,
      serverStoppedUs: this.#stoppedUs + stillUs,
      generatorStopped: this.#generatorStopped,
    };
  }

  #mark() {
    const stat = readProc('/proc/stat');
    const [cores, atUs] = [this.cores(), nowUs()];
    // A server that bench has not started is no child, of which the kernel would tell.
    this.#lookWhetherStopped(cores);
    const [server, generator] = [cores.server, cores.generator].map((use) => this.#threads.mark(use, atUs, stat));
    return { cpu: process.cpuUsage(), atUs, ticks: parseCpuTicks(stat), cores, server, generator };
  }

  /** The kernel tells a parent that a child was stopped, that it goes on, and that it ended. */
  readonly #childChanged = (): void => this.#lookWhetherStopped(this.cores());

  #lookWhetherStopped({ server }: TrialCores): void {
    const stopped = server.pids.some(isStopped);
    if (stopped) this.#stoppedAtUs ??= nowUs();
    else if (this.#stoppedAtUs !== undefined) {
      this.#stoppedUs += nowUs() - this.#stoppedAtUs;
      this.#stoppedAtUs = undefined;
    }
  }

  readonly #continued = (): void => {
    this.#generatorStopped = true;
  };
}

const nowUs = (): number => Number(process.hrtime.bigint()) / 1000;
