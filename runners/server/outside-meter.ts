/** Measures processes from outside, which need not know of it: CPU and memory of a server that is not ours (Linux). */

import { type Clock, msUntil } from '../../core/schedule.js';
import { type Companion, companions, type Running } from '../../core/target.js';
import { busiestThread, ProcessTrees, sum } from './process-trees.js';
import type { ServerReading } from './server-message.js';

const timelineEveryMs = 1_000;

/** As a reader calls them. */
const companionNames: Readonly<Record<Companion, string>> = { redis: 'Redis', proxy: 'HAProxy' };

export class OutsideMeter {
  readonly #server: ProcessTrees;
  readonly #beside: readonly (readonly [Companion, ProcessTrees])[];
  readonly #idleRss: ReadonlyMap<number, number>;

  /**
   * Before the first connection.
   * @param pids of the server; what these have started counts too. @param beside of what stands beside it.
   */
  constructor(
    pids: readonly number[],
    private readonly clock: Clock,
    beside: Running['beside'] = {},
  ) {
    this.#server = new ProcessTrees(pids);
    this.#beside = companions.flatMap((name) => {
      const pid = beside[name];
      return pid === undefined ? [] : [[name, new ProcessTrees([pid])] as const];
    });
    this.#idleRss = this.#server.rssByProcess();
  }

  /** Of the time between two times on the clock, one after another; undefined when the processes are gone, or the kernel tells nothing. */
  async measure(fromUs: number, toUs: number): Promise<ServerReading | undefined> {
    await this.#until(fromUs);
    const server = this.#server;
    const [startUs, cpuAtStartUs, rssAtStartBytes] = [this.clock.nowUs(), server.cpuUs(), server.rssBytes()];
    const besideAtStartUs = this.#beside.map(([, trees]) => trees.cpuUs());
    const [names, threadsAtStartUs] = [this.#names(), this.#threadsUs()];
    const timeline: ServerReading['timeline'][number][] = [];
    let last = { us: startUs, cpuUs: cpuAtStartUs };
    const read = (): void => {
      const [us, cpuUs] = [this.clock.nowUs(), server.cpuUs()];
      const cpuPercent = (100 * (cpuUs - last.cpuUs)) / (us - last.us);
      timeline.push({ atMs: (us - startUs) / 1000, cpuPercent, rssBytes: server.rssBytes() });
      last = { us, cpuUs };
    };
    const timer = setInterval(read, timelineEveryMs);
    await this.#until(toUs);
    clearInterval(timer);
    const [observedUs, cpuUs] = [this.clock.nowUs() - startUs, server.cpuUs() - cpuAtStartUs];
    const rss = server.rssByProcess();
    const rssBytes = sum(rss.values());
    // One that was killed meanwhile is in neither.
    const idleRssBytes = sum([...this.#idleRss].map(([pid, bytes]) => (rss.has(pid) ? bytes : 0)));
    const busiest = busiestThread(names, threadsAtStartUs, this.#threadsUs());
    const beside = this.#beside.map(([name, trees], i) => {
      const reading = { cpuUs: trees.cpuUs() - (besideAtStartUs[i] ?? 0), rssBytes: trees.rssBytes() };
      trees.close();
      return [name, reading];
    });
    server.close();
    if (rssBytes === 0) return undefined;
    const known = { observedUs, cpuUs, rssBytes, rssAtStartBytes, idleRssBytes, timeline, busiestThread: busiest };
    return beside.length === 0 ? known : { ...known, beside: Object.fromEntries(beside) };
  }

  #threadsUs() {
    return new Map([...this.#server.threadsUs(), ...this.#beside.flatMap(([, trees]) => [...trees.threadsUs()])]);
  }

  #names(): Map<number, string> {
    const beside = this.#beside.flatMap(([name, trees]) =>
      [...trees.names().keys()].map((pid) => [pid, companionNames[name]] as const),
    );
    return new Map([...this.#server.names(), ...beside]);
  }

  #until(us: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, msUntil(us, this.clock)));
  }
}
