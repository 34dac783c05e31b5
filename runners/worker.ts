/** Owns one worker thread: takes share after share, and for each opens its connections, runs the loop, reports a tally. */

import { parentPort } from 'node:worker_threads';
import { monotonicClock } from './monotonic-clock.js';
import { ShareRun } from './share-run.js';
import { watchTraffic } from './traffic.js';
import type { FromWorker, ToWorker } from './worker-message.js';

const port = parentPort!;
const clock = monotonicClock();
const readTraffic = watchTraffic();
const tell = (message: FromWorker): void => port.postMessage(message);

/** The next message of this type from the run; others do not come meanwhile. */
function told<T extends ToWorker['type']>(type: T): Promise<Extract<ToWorker, { type: T }>> {
  return new Promise((resolve) => {
    port.on('message', function listener(message: ToWorker) {
      if (message.type !== type) return;
      port.off('message', listener);
      resolve(message as Extract<ToWorker, { type: T }>);
    });
  });
}

// Listeners stand before the message goes out that is answered: a port without one loses what comes.
for (let next = told('share'); ; ) {
  const { share } = await next;
  next = told('share');
  const trial = await ShareRun.prepare(share, clock, readTraffic);
  const order = told('connect');
  tell({ type: 'ready' });
  await order;
  const connected = await trial.connect();
  const go = told('go');
  tell({ type: 'connected', connected });
  const drain = told('drain');
  const sent = await trial.load(await go);
  tell({ type: 'sent', sent });
  const { owed } = await drain;
  tell({ type: 'done', ...(await trial.finish(owed)) });
}
