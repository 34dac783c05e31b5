/** Worker thread: takes trial after trial, and for each opens its connections, makes its load and reports what it counted. */

import { parentPort } from 'node:worker_threads';
import { monotonicClock } from '../machine/monotonic-clock.js';
import { watchSocketBytes } from '../machine/socket-bytes.js';
import type { FromWorker, ToWorker } from './worker-message.js';
import { WorkerTrial } from './worker-trial.js';

if (parentPort === null) throw new Error('this module is run as a worker thread');
const port = parentPort;
const clock = monotonicClock();
const readSocketBytes = watchSocketBytes();

const tell = (message: FromWorker): void => port.postMessage(message);

/**
 * The next message of this type; others do not come meanwhile. Ask before the message goes out that is answered: a port
 * without a listener loses what comes.
 */
function told<T extends ToWorker['type']>(type: T): Promise<Extract<ToWorker, { type: T }>> {
  return new Promise((resolve) => {
    port.on('message', function listener(message: ToWorker) {
      if (message.type !== type) return;
      port.off('message', listener);
      resolve(message as Extract<ToWorker, { type: T }>);
    });
  });
}

for (let next = told('trial'); ; ) {
  const { shares, cpuOf } = await next;
  next = told('trial');
  const trial = await WorkerTrial.prepare(shares, cpuOf, clock, readSocketBytes);
  const order = told('connect');
  tell({ type: 'ready' });
  await order;
  await trial.connect();
  const go = told('go');
  tell({ type: 'connected' });
  const drain = told('drain');
  const { windows } = await go;
  const sent = await trial.send(windows);
  tell({ type: 'sent', sent, cutOff: trial.cutOff });
  const { owed, toUs, kill } = await drain;
  tell({ type: 'done', sides: await trial.finish(owed, toUs, kill) });
}
