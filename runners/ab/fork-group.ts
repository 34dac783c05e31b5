/** Owns the workers of a comparison: leads them through one fork after another and adds up what they counted. */

import { Tally } from '../../core/measure/tally.js';
import type { Side } from '../../core/plan.js';
import type { Share } from '../../core/share.js';
import { owedTo } from '../load/expected-deliveries.js';
import type { WindowReading } from '../workers/window-meter.js';
import type { WorkerMetrics } from '../workers/worker-message.js';
import { WorkerThreads } from '../workers/worker-threads.js';
import { type Both, both } from './both.js';
import type { CpuSource, FromForkWorker, ToForkWorker } from './fork-message.js';
import type { ForkPlan } from './fork-plan.js';

const workerUrl = new URL('./fork-worker.js', import.meta.url);

/** What a comparison does at the barriers; each is called once, when every worker has passed it. */
export interface ForkBarriers {
  /** Workers are loaded and about to connect. */
  ready(): void;
  /** Every connection is open. */
  connected(): ForkPlan;
}

/** What all workers together have of one side. */
export interface SideResult {
  readonly tally: Tally;
  readonly workerMetrics: readonly WorkerMetrics[];
  readonly windows: readonly WindowReading[];
}

export interface ForkResult {
  readonly sides: Both<SideResult>;
  readonly cpuSource: CpuSource;
}

export class ForkGroup {
  readonly #threads: WorkerThreads<ToForkWorker, FromForkWorker>;

  constructor(count: number) {
    this.#threads = new WorkerThreads(count, workerUrl);
  }

  /**
   * Runs a fork, of each side a share for each worker.
   * @param first the side that comes first in everything. @param pids of the servers. @throws Error in one sentence when a worker fails; terminate then.
   */
  async run(
    shares: Both<readonly Share[]>,
    first: Side,
    pids: Both<number>,
    barriers: ForkBarriers,
  ): Promise<ForkResult> {
    const threads = this.#threads;
    const { phases } = shares.base[0]!.workload;
    const preparing = threads.all('ready');
    threads.tell((i) => ({
      type: 'fork',
      first,
      shares: both((side) => shares[side][i]!),
      pids: i === 0 ? pids : undefined,
    }));
    await preparing;
    barriers.ready();
    const opening = threads.all('connected');
    threads.tell(() => ({ type: 'connect' }));
    await opening;
    const sending = threads.all('sent');
    const { windows, endUs } = barriers.connected();
    threads.tell(() => ({ type: 'go', windows }));
    const gone = await sending;
    const sent = both((side) => gone.map((message) => message.sent[side]));
    const finishing = threads.all('done');
    threads.tell((i) => ({
      type: 'drain',
      owed: both((side) => owedTo(shares[side][i]!, sent[side], 0)),
      toUs: endUs + phases.drainMs * 1000,
    }));
    const done = await finishing;
    return {
      sides: both((side) => added(done.map((message) => message.sides[side]))),
      cpuSource: done[0]!.cpuSource,
    };
  }

  /** Ends the workers, and a fork that still waits for them. */
  terminate(): Promise<void> {
    return this.#threads.terminate();
  }
}

function added(parts: readonly Extract<FromForkWorker, { type: 'done' }>['sides']['base'][]): SideResult {
  const tally = new Tally();
  for (const part of parts) tally.add(Tally.decode(part.tally));
  const windows = parts[0]!.windows.map((_, i) => ({
    delivered: sum(parts.map((part) => part.windows[i]!.delivered)),
    serverCpuUs: sum(parts.map((part) => part.windows[i]!.serverCpuUs)),
  }));
  return { tally, workerMetrics: parts.map((part) => part.metrics), windows };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
