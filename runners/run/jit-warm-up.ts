/**
 * JIT warm-up: before the first trial, the generator drives each kind of client hard for a moment. What it runs through is
 * compiled by then; otherwise the compiler would take the workers' core for milliseconds at a time during the trials,
 * and the messages due then would leave late. Servers are not warmed up: each trial has a fresh one.
 */

import type { ClientName } from '../../core/client.js';
import { kinds } from '../../core/kind.js';
import type { Trial } from '../../core/plan.js';
import type { Load, Workload } from '../../core/scenario.js';
import { owedPerSend } from '../../core/share.js';
import { eventName } from '../../core/target.js';
import type { Participant, Prepared } from './prepare.js';

/** The libraries run through far more code than the wire client does. */
const measureMs = { wire: 800, library: 2_500, undici: 2_500 } as const satisfies Record<ClientName, number>;
const mostConnections = 100;
/** Deliveries a second: enough to compile all that is hot, few enough that no server is overloaded. */
const deliveriesPerSecond = { wire: 40_000, library: 3_000, undici: 3_000 } as const satisfies Record<
  ClientName,
  number
>;

/** One target for each kind of client that takes part; none where nobody sends anything, or no warm-up is wanted. */
export function warmUpTrials(
  participants: Prepared['participants'],
  [workload]: readonly Workload[],
): [Trial, Participant][] {
  if (workload === undefined || !needsWarmUp(workload)) return [];
  const bySort = new Map<string, [Trial, Participant]>();
  for (const [name, participant] of participants) {
    const { target, factory, options = {} } = participant;
    const { compression, tls, parser } = options;
    const sort = JSON.stringify([target.protocol, target.transport, factory.name, compression, tls, parser]);
    const driven = standIn(participant);
    const shown = driven === participant ? name : driven.file;
    const trial = { id: 0, block: 0, target: shown, workload: warmUpWorkload(workload, factory), seed: 1 };
    if (!bySort.has(sort)) bySort.set(sort, [trial, driven]);
  }
  return [...bySort.values()];
}

const standIns = {
  websocket: { websocket: 'ws', polling: 'ws', upgrade: 'ws' },
  socketio: { websocket: 'socketio-websocket', polling: 'socketio-polling', upgrade: 'socketio' },
} as const;

/** Nobody asks for so much load on a server of the user's own: one of bench takes its place, for the same client. */
function standIn(participant: Participant): Participant {
  const { endpoint, ownProcess, target } = participant;
  if (endpoint === undefined || ownProcess === undefined) return participant;
  const isSocketio = target.protocol === 'socketio';
  const plain = {
    ...{ secure: false, path: isSocketio ? '/socket.io/' : '/', namespace: '/', query: { room: '{{room}}' } },
    ...{ headers: {}, auth: undefined, subprotocols: [], users: [], generated: {} },
  };
  const ack = endpoint.exchange.send !== undefined && 'emit' in endpoint.exchange.send && endpoint.exchange.send.ack;
  const send = isSocketio ? { emit: eventName, args: ['{{message}}'], ack } : { text: '{{message}}' };
  const said = { join: [], send, receiveEvent: isSocketio ? eventName : undefined };
  const file = standIns[target.protocol][target.transport];
  return { ...participant, file, endpoint: { ...endpoint, ...plain, exchange: said }, ownProcess: undefined };
}

/** `--warmup 0s` is for those who are in a hurry: the generator is not warmed up then either, and may be late. */
export function needsWarmUp({ load, phases }: Workload): boolean {
  return load.model !== 'none' && phases.warmupMs > 0;
}

/** A workload that runs through all that the client does under `workload` while nothing goes wrong, hard and for a moment. */
export function warmUpWorkload(workload: Workload, { name }: Participant['factory']): Workload {
  const connections = Math.min(workload.connections, mostConnections);
  const rooms = workload.rooms && Math.min(workload.rooms, connections);
  const sendsPerSecond = deliveriesPerSecond[name] / owedPerSend({ ...workload, rooms }, connections);
  return {
    ...workload,
    connections,
    publishers: Math.min(workload.publishers, connections),
    load: hard(workload, sendsPerSecond),
    phases: { warmupMs: 0, measureMs: measureMs[name], drainMs: 300 },
    rooms,
    slowReaders: undefined,
    visitors: undefined,
    blocking: undefined,
    outage: undefined,
    layers: undefined,
  };
}

function hard({ kind, load }: Workload, sendsPerSecond: number): Load {
  if (load.model !== 'open') return load;
  const { mostWarmUpPerSecond } = kinds[kind];
  const ratePerSecond = mostWarmUpPerSecond
    ? Math.min(mostWarmUpPerSecond, sendsPerSecond)
    : Math.max(load.ratePerSecond, sendsPerSecond);
  return { ...load, ratePerSecond };
}
