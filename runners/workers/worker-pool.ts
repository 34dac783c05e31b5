/** Worker pool: starts worker threads, sends messages to all of them, collects their answers, and replaces them. */

import { Worker } from 'node:worker_threads';
import { postponeCollections } from '../machine/engine.js';
import type { FromWorker, ToWorker } from './worker-message.js';
import type { Answer, Workers } from './workers.js';

const url = new URL('./worker.js', import.meta.url);

export class WorkerPool implements Workers {
  readonly startDelayMs = 50;
  readonly pids = [];
  #workers: readonly Worker[] = [];
  #failed: Promise<never> = new Promise(() => {});
  #fail: (error: Error) => void = () => {};
  #postpones = true;

  /** As many as asked for; those of the last trial are kept unless their number differs. */
  async provide(count: number, fresh = false): Promise<number> {
    if (fresh) await this.dismiss();
    else if (this.#workers.length !== count) await this.#end();
    if (this.#workers.length === 0) this.#start(count);
    return count;
  }

  ask<T extends FromWorker['type']>(type: T, message: (worker: number) => ToWorker): Promise<Answer<T>[]> {
    const answers = this.#workers.map(
      (worker) =>
        new Promise<Answer<T>>((resolve) => {
          worker.on('message', function listener(answer: FromWorker) {
            if (answer.type !== type) return;
            worker.off('message', listener);
            resolve(answer as Answer<T>);
          });
        }),
    );
    for (const [i, worker] of this.#workers.entries()) worker.postMessage(message(i));
    return Promise.race([Promise.all(answers), this.#failed]);
  }

  dismiss(): Promise<void> {
    // The memory of those that come next may be measured, and what is not collected is in it.
    this.#postpones = false;
    return this.#end();
  }

  async #end(): Promise<void> {
    const workers = this.#workers;
    this.#workers = [];
    this.#fail(new Error('the workers were dismissed'));
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #start(count: number): void {
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.#failed.catch(() => {});
    const fail = this.#fail;
    postponeCollections(this.#postpones);
    this.#workers = Array.from({ length: count }, () => {
      // The library client is the same ws on every machine, like the server (see server-process.ts).
      const env = { ...process.env, WS_NO_BUFFER_UTIL: '1', WS_NO_UTF_8_VALIDATE: '1' };
      const worker = new Worker(url, { env });
      // Heard to the end: a second worker may fail while the first failure is being dealt with.
      worker.on('error', (error) => fail(new Error(`a worker failed: ${error.message}`)));
      worker.once('exit', (code) => fail(new Error(`a worker ended too soon, with code ${code}`)));
      return worker;
    });
  }
}
