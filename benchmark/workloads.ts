/** The list of workloads of the benchmark: what the generator does, against what, and the goal. */

import { evenly, inFlight } from '../calibration/claim.js';
import type { Workload } from '../core/scenario.js';
import { formatBytes, formatDuration, formatRate } from '../core/units.js';
import { equalSizeBytes, nullChat } from './null-chat.js';
import {
  asRates,
  bareEcho,
  nullChatServer,
  nullServer,
  nullSocketioServer,
  type PairedWorkload,
  workload,
} from './paired-workload.js';
import { bareLoop, openedPerSecond, ours } from './subject.js';

function closed(connections: number, inflight: number, goal: string, spin = false): PairedWorkload {
  return {
    name: `closed loop, ${connections} x ${inflight} in flight`,
    goal,
    ours: () => ours('uws', workload(connections, inFlight(inflight))),
    ...asRates,
    yardstickName: spin ? 'bare net, spinning' : 'bare net',
    yardstick: () => bareEcho(connections, inflight, { spin }),
  };
}

type Waiting = 'spinning' | 'sleeping' | 'sleeping, cores kept awake';

function roundTrip(goal: string, waiting: Waiting): PairedWorkload {
  return {
    name: `round trip, one connection, median, against ${waiting}`,
    goal,
    ours: () => ours('uws', workload(1, inFlight(1))),
    figure: (line) => line.latencyUs.service.p50,
    yardstickName: `bare net, ${waiting}, mean`,
    yardstick: async () =>
      1e6 / (await bareEcho(1, 1, { spin: waiting === 'spinning', mayHalt: waiting === 'sleeping' })),
    write: formatDuration,
  };
}

function againstLibrary(target: string, connections: number, goal = '-'): PairedWorkload {
  const work = workload(connections, inFlight(1));
  return {
    name: `${target}: wire against library, ${connections} x 1`,
    goal,
    ours: () => ours(target, work),
    ...asRates,
    yardstickName: 'library client',
    yardstick: async () => asRates.figure(await ours(target, work, 'library')),
  };
}

const broadcastPerSecond = 800;
const subscribers = 1_000;
const broadcast = workload(subscribers, evenly(broadcastPerSecond), { kind: 'broadcast', publishers: 1 });
/** One publisher with many in flight: as fast as it goes. */
const deepBroadcast = workload(100, inFlight(32), { kind: 'broadcast', publishers: 1 });
const deepRooms = workload(100, inFlight(32), { kind: 'room', publishers: 10, rooms: 10 });
const deepEcho = workload(50, inFlight(64));
/** More than can be taken; what is late comes after the window. */
const pushes = workload(100, evenly(40_000), { kind: 'push', publishers: 0, phases: { drainMs: 5_000 } });

/** The generator against a server that answers without looking, and what `uws` makes of other work or of the same. */
function headroom(work: Workload, goal: string, ofUws: Workload): PairedWorkload {
  return {
    name: `headroom: ${work.kind} against the null server`,
    goal,
    ours: () => ours(nullServer, work),
    ...asRates,
    yardstickName: `${ofUws.kind} of uws`,
    yardstick: async () => asRates.figure(await ours('uws', ofUws)),
  };
}

/** Few enough for the workers of the pair before to be kept (`WorkerPool`), so that their code is compiled. */
const manyOpened = 4_500;
const idle = 10_000;
/** Long enough for the collector to have come by many times. */
const steadyMs = 6_000;
const heapLimitBytes = 1_000_000;

export const workloads: readonly PairedWorkload[] = [
  closed(1, 1, '>= 0.87 (1.15 x its round trip)', true),
  closed(50, 1, '>= 0.95'),
  closed(500, 1, '-'),
  closed(50, 64, '>= 0.9'),
  {
    name: 'open loop, 50 connections, at 0.9 of the bare rate',
    goal: '>= 0.9',
    ours: async () => ours('uws', workload(50, evenly(Math.round(0.9 * (await bareEcho(50, 64)))))),
    ...asRates,
    yardstickName: 'bare net, 64 a write',
    yardstick: () => bareEcho(50, 64),
  },
  {
    name: `broadcast to ${subscribers} subscribers, ${broadcastPerSecond}/s, deliveries`,
    goal: '>= 0.94',
    ours: () => ours('uws', broadcast),
    ...asRates,
    yardstickName: 'bare net',
    yardstick: async () =>
      (await bareLoop('uws', subscribers, { publishPerSecond: broadcastPerSecond }, 'broadcast')).perSecond,
  },
  roundTrip('<= 1.15', 'spinning'),
  roundTrip('<= 0.5', 'sleeping'),
  roundTrip('-', 'sleeping, cores kept awake'),
  ...[deepEcho, workload(50, inFlight(64), { kind: 'ack' }), deepBroadcast, deepRooms, pushes].map((work) =>
    headroom(work, '>= 1.5', deepEcho),
  ),
  headroom(deepBroadcast, '-', deepBroadcast),
  {
    name: `connections opened, ${manyOpened}`,
    goal: '>= 0.9',
    ours: () => ours(nullServer, workload(manyOpened, evenly(1))),
    figure: openedPerSecond,
    yardstickName: 'bare net',
    yardstick: async () => {
      await bareLoop(nullServer, manyOpened);
      return openedPerSecond();
    },
    write: formatRate,
  },
  {
    name: `memory of an idle connection, ${idle} of them`,
    goal: '<= 6 KiB',
    ours: () => ours('uws', workload(idle, evenly(1))),
    figure: (line) => line.runner.rssBytesPerConnection,
    yardstickName: 'bare net',
    yardstick: async () => (await bareLoop('uws', idle)).rssBytesPerConnection,
    write: formatBytes,
  },
  {
    name: 'heap growth per million messages, 50 x 64 in flight',
    goal: '<= 1',
    ours: () => ours('uws', workload(50, inFlight(64), { phases: { measureMs: steadyMs } })),
    figure: (line) => (1e6 * line.runner.heapGrowthBytes) / (line.deliveredPerSecond * line.seconds),
    yardstickName: 'the limit',
    yardstick: async () => heapLimitBytes,
    write: formatBytes,
  },
  {
    name: 'envelope of a chat, 50 x 1 in flight, against a null server',
    goal: '>= 0.9',
    ours: () => ours(nullChatServer, workload(50, inFlight(1)), 'wire', nullChat),
    ...asRates,
    yardstickName: "bench's own contract, equal bytes, null server",
    yardstick: async () =>
      asRates.figure(
        await ours(
          nullSocketioServer,
          workload(50, inFlight(1), { payload: { sizeBytes: equalSizeBytes, type: 'text' } }),
        ),
      ),
  },
  againstLibrary('ws', 50),
  againstLibrary('socketio-websocket', 50, 'generator busy < 70 %'),
];
