/** Owns one worker thread of a comparison: takes fork after fork, and loads both sides of each by the plan. */

import { monotonicClock } from '../machine/monotonic-clock.js';
import { watchSocketBytes } from '../machine/socket-bytes.js';
import { workerPort } from '../workers/worker-port.js';
import type { FromForkWorker, ToForkWorker } from './fork-message.js';
import { ForkRun } from './fork-run.js';

const { tell, told } = workerPort<ToForkWorker, FromForkWorker>();
const clock = monotonicClock();
const readSocketBytes = watchSocketBytes();

for (let next = told('fork'); ; ) {
  const { shares, first, pids } = await next;
  next = told('fork');
  const fork = await ForkRun.prepare(shares, first, pids, clock, readSocketBytes);
  const order = told('connect');
  tell({ type: 'ready' });
  await order;
  await fork.connect();
  const go = told('go');
  tell({ type: 'connected' });
  const drain = told('drain');
  const { windows } = await go;
  tell({ type: 'sent', sent: await fork.send(windows) });
  const { owed, toUs } = await drain;
  tell({ type: 'done', ...(await fork.finish(owed, toUs)) });
}
