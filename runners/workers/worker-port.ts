/** Owns a worker's side of the talk with the run that started it. */

import { parentPort } from 'node:worker_threads';

interface Message {
  readonly type: string;
}

export interface WorkerPort<To extends Message, From extends Message> {
  tell(message: From): void;
  /**
   * The next message of this type from the run; others do not come meanwhile. Ask before the message goes out that is
   * answered: a port without a listener loses what comes.
   */
  told<T extends To['type']>(type: T): Promise<Extract<To, { type: T }>>;
}

export function workerPort<To extends Message, From extends Message>(): WorkerPort<To, From> {
  const port = parentPort!;
  return {
    tell: (message) => port.postMessage(message),
    told: <T extends To['type']>(type: T) =>
      new Promise<Extract<To, { type: T }>>((resolve) => {
        port.on('message', function listener(message: To) {
          if (message.type !== type) return;
          port.off('message', listener);
          resolve(message as Extract<To, { type: T }>);
        });
      }),
  };
}
