/** The fields that a workload may lack: what only some kinds have, or what happens beside the load. */

import * as z from 'zod';
import { between, choice, count, expected, list, map, type Part, part, quantity } from '../field-sorts.js';
import { uses } from '../kind.js';
import { amount, positiveCount, count as wholeNumber } from '../stored-value.js';
import { formatCount, formatRate, writeDuration, writeRate } from '../units.js';
import { field } from './workload-field.js';

/** refuse: 403. swallow: no answer. cut: the handshake is answered, then the connection is reset. */
export const blockings = ['refuse', 'swallow', 'cut'] as const;
const outageKinds = ['reset', 'restart', 'process'] as const;

/** What the field itself and a list under `sweep` both take. Made when it is asked for: reports read no scenario file. */
const given = {
  rooms: () => count('rooms', between.counts(1, 100_000), 10),
  blocking: () => choice('blocking', blockings),
  outage: () => choice('how', outageKinds),
};

export const outageExample = '{ how: reset, after: 1s }';
export const defaultAckTimeoutMs = 1000;

/** At least one of a share. */
export function slowReadersOf(some: Part, connections: number): number {
  return typeof some === 'object' ? Math.max(1, Math.round(some.share * connections)) : some;
}

const behindProxy = {
  refuse: 'behind a proxy that refuses upgrades',
  swallow: 'behind a proxy that swallows upgrades',
  cut: 'behind a proxy that cuts upgraded connections',
} as const satisfies Record<(typeof blockings)[number], string>;

const outageWords = {
  reset: 'all connections reset',
  restart: 'server killed and restarted',
  process: 'one process of the server killed',
} as const satisfies Record<(typeof outageKinds)[number], string>;

export const optionalFields = {
  /** Kinds room and presence: how many; connections are dealt to them in turn. */
  rooms: field({
    key: 'rooms',
    description:
      'Kinds room and presence: how many there are. Connections are dealt to them in turn, and nothing leaves a room.',
    asked: () => given.rooms().optional(),
    needed: '10',
    swept: () => ({ rooms: list('rooms', given.rooms(), '[1, 10, 100]') }),
    held: positiveCount.optional(),
    resolve: (rooms, chosen) => chosen.rooms ?? rooms,
    words: (rooms) => [formatCount(rooms, 'room')],
    facts: (rooms) => ({ rooms: rooms?.toString() }),
    columns: (rooms) => ({ rooms }),
  }),
  /** Kind ack: what takes longer is counted as `ack-timeout` and not as delivered. */
  ackTimeoutMs: field({
    key: 'ack',
    description: 'Kind ack: how long acknowledgements are waited for.',
    asked: () =>
      map('ack', '{ timeout: 1s }', {
        timeout: quantity('timeout', between.durationsMs(10, 300_000), '1s')
          .prefault('1s')
          .describe('Longest wait for an acknowledgement; later ones count as lost.'),
      }).optional(),
    held: amount.optional(),
    resolve: (ack, _, { kind }) => (uses(kind, 'ack') ? (ack?.timeout ?? defaultAckTimeoutMs) : undefined),
    words: (timeoutMs) => [`acknowledged within ${writeDuration(timeoutMs)}`],
    facts: (timeoutMs) => ({
      'acknowledgement time-out': timeoutMs === undefined ? undefined : writeDuration(timeoutMs),
    }),
    columns: (timeoutMs) => ({ ack_timeout_ms: timeoutMs }),
  }),
  /** Connections that read nothing during the measured window, the last ones by number; they do not send. */
  slowReaders: field({
    key: 'slowReaders',
    description:
      'Kinds broadcast and room: connections that read nothing while it is measured: 5 or 10%. They never send.',
    asked: () => part('slowReaders', between.counts(1, 99_999), between.shares(0.001, 0.999), '10%').optional(),
    held: wholeNumber.optional(),
    resolve: (some, _, { connections }) => some && slowReadersOf(some, connections),
    words: (readers, { connections }) => {
      const share = `${Number(((100 * readers) / connections).toPrecision(2))} %`;
      const [some, all] = [readers, connections].map((number) => number.toLocaleString('en-US'));
      return [`${share} slow readers: ${some} of ${all} read nothing`];
    },
    facts: (readers) => ({ 'slow readers': readers?.toString() }),
    columns: (readers) => ({ slow_readers: readers }),
  }),
  /** Connections that come and go during warm-up and measurement, each into the next room; nothing is owed to them. */
  visitors: field({
    key: 'visitors',
    description: 'Kind room: further connections that come and go. They listen, and nothing is owed to them.',
    asked: () =>
      map('visitors', '{ rate: 10/s, stay: 500ms }', {
        rate: quantity('rate', between.ratesPerSecond(1 / 60, 10_000), '10/s').describe(
          'Visitors that come a second, at random times (Poisson).',
        ),
        stay: quantity('stay', between.durationsMs(10, 600_000), '500ms').describe('How long each of them stays.'),
      }).optional(),
    held: z
      .object({
        /** Poisson arrivals, of all workers together. */
        ratePerSecond: amount,
        stayMs: amount,
      })
      .optional(),
    resolve: (visitors) => visitors && { ratePerSecond: visitors.rate, stayMs: visitors.stay },
    words: ({ ratePerSecond, stayMs }) => [
      `visitors at ${formatRate(ratePerSecond)}, each for ${writeDuration(stayMs)}`,
    ],
    facts: (own) => ({ visitors: own && `${writeRate(own.ratePerSecond)} for ${writeDuration(own.stayMs)}` }),
    columns: ({ ratePerSecond, stayMs }) => ({ visits_asked_per_second: ratePerSecond, visit_stay_ms: stayMs }),
  }),
  /** A proxy between clients and server that lets plain HTTP through and does this to a WebSocket upgrade. */
  blocking: field({
    key: 'blocking',
    description:
      'Kind echo: a proxy before the server that refuses WebSocket upgrades (403), swallows them (no answer) or cuts the connection after the handshake.',
    asked: () => given.blocking().optional(),
    swept: () => ({ blocking: list('blocking', given.blocking(), '[refuse, swallow, cut]') }),
    held: z.enum(blockings).optional(),
    resolve: (blocking, chosen) => chosen.blocking ?? blocking,
    words: (blocking) => [behindProxy[blocking]],
    facts: (blocking) => ({ 'blocking of upgrades': blocking }),
    columns: (blocking) => ({ blocking }),
  }),
  /** Connections are lost, `afterMs` after the start of the measured window: all, or those of one process of the server. */
  outage: field({
    key: 'outage',
    description:
      'Connections are lost at once, and clients come back by themselves. Kind push, and with an endpoint idle: all of them. Kinds broadcast, room and idle: those of one process of a server of several.',
    asked: () =>
      map('outage', outageExample, {
        how: given
          .outage()
          .describe(
            'All connections are reset (reset), the server is killed and started again (restart), or one of its processes is killed and the others go on (process).',
          ),
        after: quantity('after', between.durationsMs(0, 3_600_000), '1s').describe(
          'When, counted from the start of the measured window.',
        ),
        recovery: z
          .boolean({ error: expected('true or false', 'recovery: true') })
          .default(false)
          .describe('Socket.IO: with connection state recovery, which takes the library client.'),
      }).optional(),
    swept: () => ({ outage: list('outage', given.outage(), '[reset, restart]') }),
    held: z
      .object({
        /**
         * reset: the connections are reset. restart: the server is killed, and a fresh one started. process: one process of a
         * server of several is killed and not started again.
         */
        how: z.enum(outageKinds),
        afterMs: amount,
        /** Socket.IO: with connection state recovery. */
        recovery: z.boolean(),
      })
      .optional(),
    resolve: (outage, chosen) =>
      outage && { how: chosen.outage ?? outage.how, afterMs: outage.after, recovery: outage.recovery },
    words: ({ how, afterMs, recovery }) => [
      `${outageWords[how]} after ${writeDuration(afterMs)}`,
      ...(recovery ? ['with connection state recovery'] : []),
    ],
    facts: (own) => ({
      outage: own && `${own.how} after ${writeDuration(own.afterMs)}${own.recovery ? ' with recovery' : ''}`,
    }),
    columns: ({ how, afterMs, recovery }) => ({ outage: how, outage_after_ms: afterMs, outage_recovery: recovery }),
  }),
  /** What a message takes of each layer is looked at: the server is profiled, and a conversation recorded after it. */
  layers: field({
    key: 'layers',
    description:
      'Kinds echo and ack: bytes of a message by layer (payload, Socket.IO, Engine.IO, WebSocket, HTTP), and CPU of the server by layer, for which it is profiled.',
    asked: () => z.boolean({ error: expected('true or false', 'layers: true') }).optional(),
    held: z.boolean().optional(),
    resolve: (layers) => layers,
    words: (layers) => [layers ? 'server profiled' : 'server not profiled'],
    facts: (layers) => ({ layers: layers === undefined ? undefined : layers ? 'looked at' : 'not looked at' }),
    columns: (layers) => ({ layers }),
  }),
  /** Heartbeat of the server; undefined: the usual one of `settings`. */
  heartbeatMs: field({
    key: 'heartbeat',
    description: 'Kind idle: how often the server pings each connection. Default: 25s, as for every other kind.',
    asked: () =>
      quantity(
        'heartbeat',
        { ...between.durationsMs(1000, 600_000), whyLeast: 'a server library may count heartbeats in whole seconds' },
        '2s',
      ).optional(),
    held: amount.optional(),
    resolve: (heartbeatMs) => heartbeatMs,
    words: (heartbeatMs) => [`heartbeat every ${writeDuration(heartbeatMs)}`],
    facts: (heartbeatMs) => ({ heartbeat: heartbeatMs === undefined ? undefined : writeDuration(heartbeatMs) }),
    columns: (heartbeatMs) => ({ heartbeat_ms: heartbeatMs }),
  }),
};
