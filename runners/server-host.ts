/** Owns the child process that hosts one target: starts it, measures it when told to, ends with its parent. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Running } from '../core/target.js';
import { monotonicClock } from './monotonic-clock.js';
import { ServerLane } from './server-lane.js';
import type { FromHost, HostRequest, ToHost } from './server-message.js';
import { loadTarget } from './target-catalogue.js';

const clock = monotonicClock();
const tell = (message: FromHost): void => void process.send?.(message);

// A Ctrl-C in the terminal reaches the whole process group; the parent decides when this process ends.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));

const request = JSON.parse(process.argv[2]!) as HostRequest;

async function listen(): Promise<Running> {
  const target = await loadTarget(request.target);
  const running = await target.start({ kind: request.kind, host: request.host, port: request.port });
  if (request.alsoListen.length > 0 && !running.listenAlso)
    throw new Error(`target ${request.target} can listen on one address only; ask for fewer connections`);
  for (const address of request.alsoListen) await running.listenAlso?.(address);
  return running;
}

try {
  const running = await listen();
  const lane = new ServerLane(clock);
  process.on('message', async (message: ToHost) => {
    if (message.type === 'stop') process.exit(0);
    await sleep(Math.max(0, (message.fromUs - clock.nowUs()) / 1000));
    lane.start();
    await sleep(Math.max(0, (message.toUs - clock.nowUs()) / 1000));
    tell({ type: 'reading', reading: lane.stop() });
  });
  tell({ type: 'listening', port: running.port, settings: running.settings });
} catch (error) {
  tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
}
