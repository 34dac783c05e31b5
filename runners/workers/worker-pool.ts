/** Worker pool: starts worker threads, sends messages to all of them, collects their answers, and replaces them. */

import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './worker-message.js';

const url = new URL('./worker.js', import.meta.url);

type Answer<T> = Extract<FromWorker, { type: T }>;

export class WorkerPool {
  #workers: readonly Worker[] = [];
  #failed: Promise<never> = new Promise(() => {});
  #fail: (error: Error) => void = () => {};

  /**
   * Workers for the next trial: those of the last one, whose compiled code is warm, unless their number differs.
   * @param fresh has them replaced all the same.
   */
  async provide(count: number, fresh = false): Promise<void> {
    if (fresh || this.#workers.length !== count) await this.dismiss();
    if (this.#workers.length === 0) this.#start(count);
  }

  /**
   * Sends each worker its message, and waits until all have answered with a message of this type.
   * @throws Error in one sentence when a worker fails or the workers are dismissed.
   */
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

  /** Ends the workers, and whatever still waits for them: their trial failed, or there is none left. */
  async dismiss(): Promise<void> {
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
