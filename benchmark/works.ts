/** Owns the pieces of work by which the generator is judged: what it does, against what, and the goal. */

import type { TrialLine } from '../core/result.js';
import type { Load, Workload } from '../core/scenario.js';
import { formatBytes, formatDuration, formatRate } from '../core/units.js';
import type { BareRequest } from './bare-net.js';
import { bare, ours } from './contender.js';

export interface Work {
  readonly name: string;
  readonly goal: string;
  ours(): Promise<TrialLine>;
  /** The figure of a trial that is compared. */
  figure(line: TrialLine): number;
  readonly yardstickName: string;
  yardstick(): Promise<number>;
  write(figure: number): string;
}

const warmupMs = 700;
const measureMs = 1_300;
const sizeBytes = 64;

function workload(connections: number, load: Load, rest: Partial<Workload> = {}): Workload {
  return {
    kind: 'echo',
    connections,
    publishers: connections,
    load,
    payload: { sizeBytes, type: 'text' },
    phases: { warmupMs, measureMs, drainMs: 1_000 },
    connect: { ratePerSecond: 50_000, timeoutMs: 10_000 },
    ...rest,
  };
}

const perSecond = (line: TrialLine): number => line.deliveredPerSecond;

function bareEcho(connections: number, inflight: number, over: Partial<BareRequest> = {}): Promise<number> {
  const request = { connections, inflight, sizeBytes, warmupMs, measureMs, spin: false, ...over };
  return bare('uws', request).then((result) => result.perSecond);
}

function closed(connections: number, inflight: number, goal: string, spin = false): Work {
  return {
    name: `closed loop, ${connections} x ${inflight} in flight`,
    goal,
    ours: () => ours('uws', workload(connections, { model: 'closed', inflight })),
    figure: perSecond,
    yardstickName: spin ? 'bare net, spinning' : 'bare net',
    yardstick: () => bareEcho(connections, inflight, { spin }),
    write: formatRate,
  };
}

function againstLibrary(target: string, connections: number): Work {
  const load = { model: 'closed', inflight: 1 } as const;
  return {
    name: `${target}: wire against library, ${connections} x 1`,
    goal: '-',
    ours: () => ours(target, workload(connections, load)),
    figure: perSecond,
    yardstickName: 'library client',
    yardstick: async () => (await ours(target, workload(connections, load), 'library')).deliveredPerSecond,
    write: formatRate,
  };
}

/** 800 messages a second to 1,000 subscribers: 800,000 deliveries a second owed. */
const broadcast = workload(
  1_000,
  { model: 'open', ratePerSecond: 800, arrivals: 'constant' },
  { kind: 'broadcast', publishers: 1 },
);

export const works: readonly Work[] = [
  closed(1, 1, '>= 0.87 (1.15 x its round trip)', true),
  closed(50, 1, '>= 0.95'),
  closed(500, 1, '-'),
  closed(50, 64, '>= 0.9'),
  {
    name: 'open loop, 50 connections, at 0.9 of the bare rate',
    goal: '>= 0.9',
    ours: async () => {
      const ratePerSecond = Math.round(0.9 * (await bareEcho(50, 64)));
      return ours('uws', workload(50, { model: 'open', ratePerSecond, arrivals: 'constant' }));
    },
    figure: perSecond,
    yardstickName: 'bare net, 64 a write',
    yardstick: () => bareEcho(50, 64),
    write: formatRate,
  },
  {
    name: 'broadcast to 1,000 subscribers, deliveries',
    goal: '>= 0.94 (750,000/s)',
    ours: () => ours('uws', broadcast),
    figure: perSecond,
    yardstickName: 'owed',
    yardstick: async () => 800_000,
    write: formatRate,
  },
  {
    name: 'round trip, one connection, median',
    goal: '<= 1.15',
    ours: () => ours('uws', workload(1, { model: 'closed', inflight: 1 })),
    figure: (line) => line.latencyUs.service.p50,
    yardstickName: 'bare net, spinning, mean',
    yardstick: async () => 1e6 / (await bareEcho(1, 1, { spin: true })),
    write: formatDuration,
  },
  {
    name: 'memory of an idle connection, 10,000 of them',
    goal: '<= 6 KiB',
    ours: () => ours('uws', workload(10_000, { model: 'open', ratePerSecond: 1, arrivals: 'constant' })),
    figure: (line) => line.runner.rssBytesPerConnection,
    yardstickName: 'bare net',
    yardstick: async () =>
      (await bare('uws', { connections: 10_000, inflight: 0, sizeBytes, warmupMs, measureMs, spin: false }))
        .rssBytesPerConnection,
    write: formatBytes,
  },
  againstLibrary('ws', 50),
  againstLibrary('socketio-websocket', 50),
];
