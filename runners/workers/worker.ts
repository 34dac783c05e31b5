/** Owns one worker thread: takes share after share, and for each opens its connections, runs the loop, reports a tally. */

import { monotonicClock } from '../machine/monotonic-clock.js';
import { watchSocketBytes } from '../machine/socket-bytes.js';
import type { FromWorker, ToWorker } from './worker-message.js';
import { workerPort } from './worker-port.js';
import { WorkerShare } from './worker-trial.js';

const { tell, told } = workerPort<ToWorker, FromWorker>();
const clock = monotonicClock();
const readSocketBytes = watchSocketBytes();

for (let next = told('share'); ; ) {
  const { share } = await next;
  next = told('share');
  const trial = await WorkerShare.prepare(share, clock, readSocketBytes);
  const order = told('connect');
  tell({ type: 'ready' });
  await order;
  await trial.connect();
  const go = told('go');
  tell({ type: 'connected' });
  const drain = told('drain');
  const sent = await trial.load(await go);
  tell({ type: 'sent', sent });
  const { owed } = await drain;
  tell({ type: 'done', ...(await trial.finish(owed)) });
}
