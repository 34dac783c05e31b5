/** Owns the workers of one trial: starts them, leads them through the barriers, collects what they counted. */

import { Tally } from '../../core/measure/tally.js';
import type { Share } from '../../core/share.js';
import { owedTo } from '../load/expected-deliveries.js';
import type { FromWorker, ToWorker, WorkerMetrics } from './worker-message.js';
import { WorkerThreads } from './worker-threads.js';

const workerUrl = new URL('./worker.js', import.meta.url);

/** What a run does at the barriers; each is called once, when every worker has passed it. */
export interface Barriers {
  /** Workers are loaded and about to connect. */
  ready(): void;
  /** @returns ms until the clock starts. */
  connected(): number;
  /** The workers have sent their last message. @returns messages that the server has sent, or should have, unasked. */
  sent(): Promise<number>;
}

export interface WorkerResult {
  readonly tally: Tally;
  readonly workerMetrics: readonly WorkerMetrics[];
}

export class WorkerGroup {
  readonly #threads: WorkerThreads<ToWorker, FromWorker>;

  /** Starts `count` workers, which run one trial after another: their compiled code stays warm from trial to trial. */
  constructor(count: number) {
    this.#threads = new WorkerThreads(count, workerUrl);
  }

  get count(): number {
    return this.#threads.count;
  }

  /** Runs a trial, a share for each worker. @throws Error in one sentence when a worker fails; terminate then. */
  async run(shares: readonly Share[], barriers: Barriers): Promise<WorkerResult> {
    const threads = this.#threads;
    const preparing = threads.all('ready');
    threads.tell((i) => ({ type: 'share', share: shares[i]! }));
    await preparing;
    barriers.ready();
    const opening = threads.all('connected');
    threads.tell(() => ({ type: 'connect' }));
    await opening;
    const sending = threads.all('sent');
    const delayMs = barriers.connected();
    threads.tell(() => ({ type: 'go', delayMs }));
    const sent = (await sending).map((message) => message.sent);
    const pushed = await barriers.sent();
    const finishing = threads.all('done');
    threads.tell((i) => ({ type: 'drain', owed: owedTo(shares[i]!, sent, pushed) }));
    const done = await finishing;
    const tally = new Tally();
    for (const message of done) tally.add(Tally.decode(message.tally));
    return { tally, workerMetrics: done.map((message) => message.metrics) };
  }

  /** Ends the workers, and a trial that still waits for them. */
  terminate(): Promise<void> {
    return this.#threads.terminate();
  }
}
