/** Owns the workers of one trial: starts them, leads them through the barriers, collects what they counted. */

import { Worker } from 'node:worker_threads';
import { kinds } from '../core/kind.js';
import type { Share } from '../core/share.js';
import { Tally } from '../core/tally.js';
import type { FromWorker, ToWorker, WorkerLane } from './worker-message.js';

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
  readonly #workers: readonly Worker[];
  readonly #failed: Promise<never>;
  #fail!: (error: Error) => void;

  /** Starts `count` workers, which run one trial after another: their compiled code stays warm from trial to trial. */
  constructor(count: number) {
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.#failed.catch(() => {});
    this.#workers = Array.from({ length: count }, () => this.#start());
  }

  get count(): number {
    return this.#workers.length;
  }

  /** Runs a trial, a share for each worker. @throws Error in one sentence when a worker fails; terminate then. */
  async run(shares: readonly Share[], barriers: Barriers): Promise<WorkerResult> {
    const preparing = this.#all('ready');
    this.#tell((i) => ({ type: 'share', share: shares[i]! }));
    await preparing;
    barriers.ready();
    const opening = this.#all('connected');
    this.#tell(() => ({ type: 'connect' }));
    const connected = (await opening).map((message) => message.connected);
    const total = sum(connected);
    const sending = this.#all('sent');
    const delayMs = barriers.connected(total);
    this.#tell(() => ({ type: 'go', delayMs, connected: total }));
    const sent = (await sending).map((message) => message.sent);
    barriers.sent();
    const finishing = this.#all('done');
    this.#tell((i) => ({ type: 'drain', owed: owedTo(shares[i]!, i, sent, connected) }));
    const done = await finishing;
    const tally = new Tally();
    for (const message of done) tally.add(Tally.decode(message.tally));
    return { tally, lanes: done.map((message) => message.lane) };
  }

  /** Ends the workers, and a trial that still waits for them. */
  async terminate(): Promise<void> {
    this.#fail(new Error('the workers were dismissed'));
    for (const worker of this.#workers) worker.removeAllListeners();
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #start(): Worker {
    // The library client is the same ws on every machine, like the server (see server-process.ts).
    const worker = new Worker(workerUrl, {
      env: { ...process.env, WS_NO_BUFFER_UTIL: '1', WS_NO_UTF_8_VALIDATE: '1' },
    });
    worker.once('error', (error) => this.#fail(new Error(`a worker failed: ${error.message}`)));
    worker.once('exit', (code) => this.#fail(new Error(`a worker ended too soon, with code ${code}`)));
    return worker;
  }

  #tell(message: (worker: number) => ToWorker): void {
    for (const [i, worker] of this.#workers.entries()) worker.postMessage(message(i));
  }

  /** The next message of this type from every worker. Ask before whatever makes the workers send it. */
  #all<T extends FromWorker['type']>(type: T): Promise<Extract<FromWorker, { type: T }>[]> {
    const each = this.#workers.map(
      (worker) =>
        new Promise<Extract<FromWorker, { type: T }>>((resolve) => {
          worker.on('message', function listener(message: FromWorker) {
            if (message.type !== type) return;
            worker.off('message', listener);
            resolve(message as Extract<FromWorker, { type: T }>);
          });
        }),
    );
    return Promise.race([Promise.all(each), this.#failed]);
  }
}

function owedTo(share: Share, worker: number, sent: readonly number[], connected: readonly number[]): number {
  const { audience } = kinds[share.workload.kind];
  return audience === 'sender' ? sent[worker]! : sum(sent) * connected[worker]!;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
