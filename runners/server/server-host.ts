/** Child process that hosts one target: starts it, measures it, has it push when told to, and ends with its parent. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Running } from '../../core/target.js';
import { joinParent } from '../machine/child-process.js';
import { monotonicClock } from '../machine/monotonic-clock.js';
import { loadTarget } from '../target-catalogue.js';
import type { FromHost, HostRequest, ToHost } from './server-message.js';
import { ServerMeter } from './server-metrics.js';
import { type PushPlan, ServerPush } from './server-push.js';

const clock = monotonicClock();
const { request, tell, hear } = joinParent<HostRequest, ToHost, FromHost>();

async function listen(): Promise<Running> {
  const { target, alsoListen, ...start } = request;
  const running = await (await loadTarget(target)).start(start);
  if (alsoListen.length > 0 && !running.listenAlso)
    throw new Error(`target ${target} can listen on one address only; ask for fewer connections`);
  for (const address of alsoListen) await running.listenAlso?.(address);
  return running;
}

async function measure(meter: ServerMeter, fromUs: number, toUs: number): Promise<void> {
  await sleep(Math.max(0, (fromUs - clock.nowUs()) / 1000));
  meter.start();
  await sleep(Math.max(0, (toUs - clock.nowUs()) / 1000));
  tell({ type: 'reading', reading: meter.stop() });
}

async function push(running: Running, plan: PushPlan): Promise<void> {
  const send = running.push?.bind(running);
  if (send === undefined) {
    const message = `target ${request.target} serves kind push but has no push(); add push(message, type) to what its start() returns`;
    tell({ type: 'failed', message });
    return;
  }
  const tally = await new ServerPush(send, plan, clock).run();
  tell({ type: 'pushed', tally: tally.encode() });
}

try {
  const running = await listen();
  const meter = new ServerMeter(clock);
  hear(async (message) => {
    if (message.type === 'measure') await measure(meter, message.fromUs, message.toUs);
    else await push(running, message.plan);
  });
  tell({ type: 'listening', port: running.port, settings: running.settings });
} catch (error) {
  tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
}
