/** Owns the workers of one trial: starts them, leads them through the barriers, collects what they counted. */

import { type Kind, kinds } from '../core/kind.js';
import type { Share } from '../core/share.js';
import { Tally } from '../core/tally.js';
import type { FromWorker, ToWorker, WorkerLane } from './worker-message.js';
import { WorkerThreads } from './worker-threads.js';

const workerUrl = new URL('./worker.js', import.meta.url);

/** What a run does at the barriers; each is called once, when every worker has passed it. */
export interface Barriers {
  /** Workers are loaded and about to connect. */
  ready(): void;
  /** @returns ms until the clock starts. */
  connected(connections: number): number;
  /** The last message has been sent. */
  sent(): void;
}

export interface WorkerResult {
  readonly tally: Tally;
  readonly lanes: readonly WorkerLane[];
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
    const connected = (await opening).map((message) => message.connected);
    const total = sum(connected);
    const sending = threads.all('sent');
    const delayMs = barriers.connected(total);
    threads.tell(() => ({ type: 'go', delayMs, connected: total }));
    const sent = (await sending).map((message) => message.sent);
    barriers.sent();
    const finishing = threads.all('done');
    threads.tell((i) => ({ type: 'drain', owed: owedTo(shares[i]!.workload.kind, i, sent, connected) }));
    const done = await finishing;
    const tally = new Tally();
    for (const message of done) tally.add(Tally.decode(message.tally));
    return { tally, lanes: done.map((message) => message.lane) };
  }

  /** Ends the workers, and a trial that still waits for them. */
  terminate(): Promise<void> {
    return this.#threads.terminate();
  }
}

/** Deliveries owed to the receivers of one worker. @param sent, @param connected by worker. */
export function owedTo(kind: Kind, worker: number, sent: readonly number[], connected: readonly number[]): number {
  return kinds[kind].audience === 'sender' ? sent[worker]! : sum(sent) * connected[worker]!;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
