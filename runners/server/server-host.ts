/**
 * Child process that hosts one target: loads it, says what it is, starts it when told to, measures it, has it push, and
 * closes it. A user's module runs here only, so whatever it does wrong ends this process and not that of bench.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { isPushed } from '../../core/kind.js';
import { show } from '../../core/printable.js';
import { type Running, socketsPerAddress, type Target } from '../../core/target.js';
import { joinParent } from '../machine/child-process.js';
import { monotonicClock } from '../machine/monotonic-clock.js';
import { targetFile } from '../target-catalogue.js';
import { describeTarget, loadTarget } from './load-target.js';
import { faultOf, placeIn } from './module-fault.js';
import { OutsideMeter } from './outside-meter.js';
import type { FromHost, ListenRequest, LoadRequest, ToHost } from './server-message.js';
import { ServerMeter } from './server-metrics.js';
import { type PushPlan, ServerPush } from './server-push.js';

/** For the `close()` of what `start()` returned. */
const closeLimitMs = 2_000;

const clock = monotonicClock();
const { request, tell, hear } = joinParent<LoadRequest, ToHost, FromHost>(end);
const { target: name } = request;
const file = targetFile(name);
/** What went wrong if this process fails now. */
let failing = `The server module ${name} cannot be loaded`;
let isEnding = false;
let close: () => unknown = () => {};
/** Once it listens. */
let meter: ServerMeter | OutsideMeter | undefined;

process.on('uncaughtException', (error) => {
  // A module that hears its errors goes on.
  if (process.listenerCount('uncaughtException') > 1) return;
  isEnding = true;
  tell({ type: 'dying', why: `${failing}: ${faultOf(error, file)}` }, () => process.exit(1));
});
process.on('exit', (code) => {
  if (isEnding) return;
  const place = placeIn(String(new Error().stack), file);
  if (place !== undefined) tell({ type: 'dying', why: `${failing}: process.exit(${code}) (${place})` });
});

/** Closes the server, within its time, and ends this process. */
async function end(): Promise<void> {
  isEnding = true;
  // What fails now does not change what was measured.
  await Promise.race([(async () => close())().catch(() => {}), sleep(closeLimitMs)]);
  process.exit(0);
}

async function start(target: Target, request: ListenRequest): Promise<Running> {
  const { alsoListen, ...asked } = request;
  const running = await target.start({ ...asked, ...(alsoListen.length > 0 && { alsoListen }) });
  if (!isPort(running?.port)) throw new Error(`it returned ${named(running)}, not { port, settings, close }`);
  if (typeof running.close === 'function') close = () => running.close();
  if (isPushed(request.kind) && typeof running.push !== 'function')
    throw new Error('it serves kind push but has no push(); add push(message, type) to what its start() returns');
  if (alsoListen.length > 0 && !running.listenAlso)
    throw new Error(
      `it can listen on one address only, for ${socketsPerAddress} sockets of clients, and so many connections need ${1 + alsoListen.length} addresses; ask for fewer (--connections, or --to of a search), or leave this target out`,
    );
  for (const address of alsoListen) await running.listenAlso?.(address);
  return running;
}

const isPort = (port: unknown): boolean => Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536;

function named(returned: unknown): string {
  if (typeof returned !== 'object' || returned === null) return returned === undefined ? 'nothing' : show(returned);
  return 'port' in returned ? `an object with the port ${show(returned.port)}` : 'an object without a port';
}

async function listen(target: Target, request: ListenRequest): Promise<Running | undefined> {
  failing = `start() of ${name} failed`;
  try {
    const running = await start(target, request);
    const { port, pids, beside, settings: told = {} } = running;
    const nodeFlags = process.execArgv.join(' ');
    const settings = nodeFlags === '' ? told : { ...told, nodeFlags };
    failing = 'the server failed';
    meter = pids === undefined ? new ServerMeter(clock) : new OutsideMeter(pids, clock, beside);
    tell({ type: 'listening', port, settings, ...(pids && { pids }), ...(beside && { beside }) });
    return running;
  } catch (error) {
    tell({ type: 'failed', message: `${failing}: ${faultOf(error, file)}` });
    return undefined;
  }
}

async function measure(meter: ServerMeter | OutsideMeter, fromUs: number, toUs: number): Promise<void> {
  const reading = await meter.measure(fromUs, toUs);
  if (reading === undefined) tell({ type: 'failed', message: `the process that serves ${name} could not be measured` });
  else tell({ type: 'reading', reading });
}

async function push(running: Running, plan: PushPlan): Promise<void> {
  const send = running.push?.bind(running);
  if (send === undefined) return;
  const tally = await new ServerPush(send, plan, clock).run();
  tell({ type: 'pushed', tally: tally.encode() });
}

async function killOne(running: Running, random: number): Promise<void> {
  if (typeof running.killOne !== 'function')
    return tell({
      type: 'failed',
      message: `${name} serves from several processes but has no killOne(); add killOne(random) to what its start() returns`,
    });
  await running.killOne(random);
  tell({ type: 'killed one' });
}

try {
  const target = await loadTarget(name);
  let running: Running | undefined;
  hear(async (message) => {
    if (message.type === 'listen') running = await listen(target, message.request);
    else if (meter !== undefined && message.type === 'measure') await measure(meter, message.fromUs, message.toUs);
    else if (message.type === 'profile') {
      // Not before: no server that is only measured loads the inspector.
      const { profileFor } = await import('../profiler/cpu-profiler.js');
      tell({ type: 'profiled', profile: await profileFor(message.plan, clock) });
    } else if (running !== undefined && message.type === 'push') await push(running, message.plan);
    else if (running !== undefined && message.type === 'kill one') await killOne(running, message.random);
  });
  tell({ type: 'loaded', target: describeTarget(name, target) });
} catch (error) {
  tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
}
