/** Owns one worker thread of a trial: opens its share of the connections, runs the load loop, reports its tally. */

import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Client } from '../core/client.js';
import { owedPerSend } from '../core/kind.js';
import { constantSchedule, poissonSchedule } from '../core/schedule.js';
import type { Share } from '../core/share.js';
import { Tally } from '../core/tally.js';
import { findClient } from './client-catalogue.js';
import { ClosedLoop } from './closed-loop.js';
import { monotonicClock } from './monotonic-clock.js';
import { OpenLoop } from './open-loop.js';
import { openConnections } from './ramp.js';
import { Recorder } from './recorder.js';
import { RunnerLane } from './runner-lane.js';
import { Sender } from './sender.js';
import { watchTraffic } from './traffic.js';
import { SpinningWake } from './wake.js';
import { type Window, windowFrom } from './window.js';
import type { FromWorker, ToWorker } from './worker-message.js';

/** After the last delivery owed, wait for so long for what nobody is owed: duplicates. */
const lingerMs = 50;
const drainPollUs = 1_000;

const port = parentPort!;
const share = workerData as Share;
const { workload } = share;
const tell = (message: FromWorker): void => port.postMessage(message);

const clock = monotonicClock();
const wake = new SpinningWake(clock);
const tally = new Tally();
const readTraffic = watchTraffic();
const recorder = new Recorder(
  workload.kind,
  share.connections,
  workload.publishers,
  workload.payload.sizeBytes,
  wake,
  tally,
);
const client = await createClient();

async function createClient(): Promise<Client> {
  const factory = await findClient(share.protocol, share.transport, share.client);
  return factory.create({
    protocol: share.protocol,
    transport: share.transport,
    kind: workload.kind,
    port: share.port,
    payload: workload.payload,
    connectTimeoutMs: workload.connect.timeoutMs,
    inbox: recorder,
    clock,
  });
}

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

function load(window: Window, senders: readonly Sender[]): Promise<void> {
  const { load } = workload;
  if (load.model === 'closed') {
    const loop = new ClosedLoop(clock, wake, load.inflight, senders, tally);
    recorder.start(window, senders, (position, receivedUs) => loop.completed(position, receivedUs));
    return new Promise((done) => loop.run(window, done));
  }
  const schedule =
    load.arrivals === 'constant'
      ? constantSchedule(load.ratePerSecond, share.senders)
      : poissonSchedule(load.ratePerSecond, share.senders, share.seed);
  const loop = new OpenLoop(clock, wake, schedule, senders, tally);
  recorder.start(window, senders);
  return new Promise((done) => loop.run(window, done));
}

function drain(window: Window, owed: number): Promise<void> {
  return new Promise((done) => {
    const check = (): void => {
      const nowUs = clock.nowUs();
      if (recorder.ledger.delivered >= owed || nowUs >= window.drainToUs) done();
      else wake.at(Math.min(nowUs + drainPollUs, window.drainToUs), check);
    };
    check();
  });
}

tell({ type: 'ready' });
await told('connect');
const connections = await openConnections(client, share, clock, tally);
const { first, stride, count } = share.senders;
const senders = connections
  .slice(0, count)
  .flatMap((connection, i) => (connection ? [new Sender(connection, i, first + i * stride)] : []));
const atStart = readTraffic();
const go = told('go');
tell({ type: 'connected', connected: tally.connected });

const { delayMs, connected } = await go;
const window = windowFrom(clock.nowUs() + delayMs * 1000, workload.phases);
const lane = new RunnerLane(clock, wake, window);
const drainOrder = told('drain');
await load(window, senders);
tally.owed = tally.sent * owedPerSend(workload.kind, connected);
tell({ type: 'sent', sent: tally.sent });

const { owed } = await drainOrder;
await drain(window, owed);
await sleep(lingerMs);
recorder.stop();
wake.stop();
const atEnd = readTraffic();
tally.bytesIn = atEnd.bytesIn - atStart.bytesIn;
tally.bytesOut = atEnd.bytesOut - atStart.bytesOut;
tally.delivered = recorder.ledger.delivered;
tally.missing = recorder.ledger.missing;
tally.expected = recorder.ledger.expectedSum();
for (const connection of connections) connection?.close();
tell({ type: 'done', tally: tally.encode(), lane: lane.reading(recorder.connectionsLost) });
