/** Owns a set of worker threads that are led together: start, messages to all, answers of all, end. */

import { Worker } from 'node:worker_threads';

interface Message {
  readonly type: string;
}

/** `To` and `From` are the messages to and from a worker. */
export class WorkerThreads<To extends Message, From extends Message> {
  readonly #workers: readonly Worker[];
  readonly #failed: Promise<never>;
  #fail!: (error: Error) => void;

  /** Starts `count` threads of the module at `url`. */
  constructor(count: number, url: URL) {
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.#failed.catch(() => {});
    this.#workers = Array.from({ length: count }, () => this.#start(url));
  }

  get count(): number {
    return this.#workers.length;
  }

  tell(message: (worker: number) => To): void {
    for (const [i, worker] of this.#workers.entries()) worker.postMessage(message(i));
  }

  /**
   * The next message of this type from every worker. Ask before whatever makes the workers send it.
   * @throws Error in one sentence when a worker fails or the workers are dismissed.
   */
  all<T extends From['type']>(type: T): Promise<Extract<From, { type: T }>[]> {
    const each = this.#workers.map(
      (worker) =>
        new Promise<Extract<From, { type: T }>>((resolve) => {
          worker.on('message', function listener(message: From) {
            if (message.type !== type) return;
            worker.off('message', listener);
            resolve(message as Extract<From, { type: T }>);
          });
        }),
    );
    return Promise.race([Promise.all(each), this.#failed]);
  }

  /** Ends the workers, and whatever still waits for them. */
  async terminate(): Promise<void> {
    this.#fail(new Error('the workers were dismissed'));
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #start(url: URL): Worker {
    // The library client is the same ws on every machine, like the server (see server-process.ts).
    const worker = new Worker(url, {
      env: { ...process.env, WS_NO_BUFFER_UTIL: '1', WS_NO_UTF_8_VALIDATE: '1' },
    });
    // Heard to the end: a second worker may fail while the first failure is being dealt with.
    worker.on('error', (error) => this.#fail(new Error(`a worker failed: ${error.message}`)));
    worker.once('exit', (code) => this.#fail(new Error(`a worker ended too soon, with code ${code}`)));
    return worker;
  }
}
