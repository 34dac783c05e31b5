/** What an agent does in a trial besides forwarding: it has its cores in order, and measures its own process. */

import { metersAheadUs, msUntil, type Window } from '../../core/schedule.js';
import type { Share } from '../../core/share.js';
import type { Cores } from '../machine/cores.js';
import { collectGarbage, isCompiled, pauseOptimizer, resumeOptimizer } from '../machine/engine.js';
import { KeepAwake } from '../machine/keep-awake.js';
import { monotonicClock } from '../machine/monotonic-clock.js';
import { ProcessMeter } from '../machine/process-metrics.js';
import { needsWarmUp } from '../run/jit-warm-up.js';
import { coresToKeepAwake } from '../run/trial-cores.js';
import type { ToWorker } from '../workers/worker-message.js';
import type { AgentReading } from './agent-message.js';

const nobody = { cores: [], pids: [], loops: [], busyThreads: 0 };
const clock = monotonicClock();

export class AgentMeters {
  #share: Share | undefined;
  #keepAwake = new KeepAwake([]);
  #measuring: NodeJS.Timeout | undefined;
  readonly #meter: ProcessMeter;

  /** @param isAlone whether no other process of the trial is on this machine, so that whatever else runs there disturbs it. */
  constructor(
    private readonly cores: Cores,
    threads: number,
    private readonly isAlone: boolean,
  ) {
    const used = () => ({
      cores: cores.runners,
      pids: [process.pid],
      loops: this.#keepAwake.pidsOn(cores.runners),
      busyThreads: threads,
    });
    this.#meter = new ProcessMeter(() => ({ server: nobody, generator: used() }));
  }

  /** To be called before a message goes to a thread. */
  beforeTelling(message: ToWorker | undefined): void {
    if (message?.type === 'trial') this.#begin(message.shares[0]);
    else if (message?.type === 'connect') this.#meter.beforeConnect();
    else if (message?.type === 'go') this.#go(message.windows[0]?.[0]);
  }

  async end(): Promise<AgentReading> {
    clearTimeout(this.#measuring);
    resumeOptimizer();
    const { othersShares, serverStoppedUs: _, ...reading } = this.#meter.stop();
    await this.#keepAwake.end();
    return { ...reading, ...(this.isAlone && { othersShare: othersShares.generator }) };
  }

  #begin(share: Share): void {
    if (needsWarmUp(share.workload)) collectGarbage();
    this.#share = share;
    if (this.isAlone) this.#keepAwake = new KeepAwake(coresToKeepAwake(this.cores, share.workload));
  }

  #go(window: Window | undefined): void {
    if (window === undefined) return;
    const delayMs = msUntil(window.measureFromUs - metersAheadUs, clock);
    this.#meter.measure(delayMs, msUntil(window.measureToUs - metersAheadUs, clock));
    const share = this.#share;
    if (share && isCompiled(share)) this.#measuring = setTimeout(pauseOptimizer, delayMs);
  }
}
